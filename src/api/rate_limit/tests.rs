//! In paused time: a wait takes exactly as long as it should, and no time at all.

use std::future::Future;
use std::sync::{Arc, Mutex};

use http::{HeaderMap, Method};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::super::config::{DEFAULT_BASE_URL, Secret};
use super::*;

const MINUTE: Duration = Duration::from_secs(60);

/// A limiter whose requests are only thought of.
#[derive(Clone)]
struct Traffic {
    limiter: Arc<RateLimiter>,
    stop: CancellationToken,
}

impl Traffic {
    fn new() -> Self {
        Self::capped(None)
    }

    fn capped(requests_per_second: Option<f64>) -> Self {
        let base_url = DEFAULT_BASE_URL.parse().unwrap();
        let config = Config {
            requests_per_second,
            timing: Timing::default(),
            ..Config::new(base_url, Secret::new("token").unwrap(), "test")
        };
        let stop = CancellationToken::new();
        Self {
            limiter: Arc::new(RateLimiter::new(&config, stop.clone())),
            stop,
        }
    }

    async fn acquire(&self, within: Duration) -> Result<Permit<'_>, RetryStopped> {
        self.acquire_for(within, false).await
    }

    async fn acquire_for(
        &self,
        within: Duration,
        is_read: bool,
    ) -> Result<Permit<'_>, RetryStopped> {
        let method = if is_read { Method::GET } else { Method::POST };
        let deadline = Instant::now() + within;
        let request = Request::new(method, "/".to_owned(), deadline);
        self.limiter.acquire(&request).await
    }

    /// A request that gets this answer at once.
    async fn request(&self, answer: Answer) -> Result<(), RetryStopped> {
        let Answer(status, headers) = answer;
        self.acquire(20 * MINUTE).await?.answered(status, &headers);
        Ok(())
    }

    /// The same in a task of its own, which has begun to wait when this returns.
    async fn start(&self, within: Duration) -> JoinHandle<Result<(), RetryStopped>> {
        let traffic = self.clone();
        let task = tokio::spawn(async move {
            traffic
                .acquire(within)
                .await?
                .answered(StatusCode::OK, &HeaderMap::new());
            Ok(())
        });
        tokio::task::yield_now().await;
        task
    }
}

struct Answer(StatusCode, HeaderMap);

fn answer(status: StatusCode, headers: &[(&'static str, &str)]) -> Answer {
    let headers = headers
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    Answer(status, HeaderMap::from_iter(headers))
}

fn ok() -> Answer {
    answer(StatusCode::OK, &[])
}

fn left(requests: u32, seconds: u64) -> Answer {
    let limit = format!(r#""default";r={requests};t={seconds}"#);
    let policy = ("ratelimit-policy", r#""burst";q=100;w=60"#);
    answer(StatusCode::OK, &[("ratelimit", &limit), policy])
}

fn refused(seconds: &str) -> Answer {
    let status = StatusCode::TOO_MANY_REQUESTS;
    answer(status, &[("retry-after", seconds)])
}

/// How long something takes.
async fn time<T>(future: impl Future<Output = T>) -> (Duration, T) {
    let start = Instant::now();
    let result = future.await;
    (start.elapsed(), result)
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_while_a_block_lasts_and_everything_after_it() {
    let traffic = Traffic::new();
    traffic.request(refused("300")).await.unwrap();
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..1000 {
        let traffic = traffic.clone();
        tasks.spawn(async move {
            traffic.request(ok()).await.unwrap();
            start.elapsed()
        });
    }

    let times = tasks.join_all().await;

    assert!(times.iter().all(|time| *time >= 5 * MINUTE));
    assert!(start.elapsed() < 5 * MINUTE + Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn requests_go_in_the_order_in_which_they_came() {
    let traffic = Traffic::capped(Some(1.0));
    let (sender, mut order) = tokio::sync::mpsc::unbounded_channel();
    for number in 0..20 {
        let (traffic, sender) = (traffic.clone(), sender.clone());
        tokio::spawn(async move {
            traffic.request(ok()).await.unwrap();
            sender.send(number).unwrap();
        });
        tokio::task::yield_now().await;
    }
    drop(sender);

    let mut came = Vec::new();
    while let Some(number) = order.recv().await {
        came.push(number);
    }

    assert_eq!(came, Vec::from_iter(0..20));
}

#[tokio::test(start_paused = true)]
async fn a_cap_is_kept() {
    let traffic = Traffic::capped(Some(4.0));

    let (time, ()) = time(async {
        for _ in 0..41 {
            traffic.request(ok()).await.unwrap();
        }
    })
    .await;

    assert_eq!(time, Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_ends_after_the_deadline_is_not_begun() {
    let cases = [(refused("300"), 5 * MINUTE), (left(0, 59), MINUTE)];
    for (answer, wait) in cases {
        let traffic = Traffic::new();
        traffic.request(answer).await.unwrap();

        let (time, given_up) = time(traffic.acquire(wait)).await;

        assert_eq!(given_up.unwrap_err(), RetryStopped::Wait(wait));
        assert_eq!(time, Duration::ZERO);
        let long_enough = wait + Duration::from_millis(1);
        assert!(traffic.acquire(long_enough).await.is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn a_block_that_begins_later_is_not_waited_for_beyond_the_deadline_either() {
    let traffic = Traffic::new();
    let mut under_way = Vec::new();
    for _ in 0..10 {
        under_way.push(traffic.acquire(MINUTE).await.unwrap());
    }
    let has_its_turn = traffic.start(4 * MINUTE).await;
    let waits_for_its_turn = traffic.start(4 * MINUTE).await;
    let has_time = traffic.start(6 * MINUTE).await;

    let start = Instant::now();
    let Answer(status, headers) = refused("300");
    under_way.pop().unwrap().answered(status, &headers);
    drop(under_way);

    let wait = 5 * MINUTE;
    for hasty in [has_its_turn, waits_for_its_turn] {
        assert_eq!(hasty.await.unwrap(), Err(RetryStopped::Wait(wait)));
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
    assert_eq!(has_time.await.unwrap(), Ok(()));
    assert_eq!(start.elapsed(), wait);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_others_ends_with_the_deadline() {
    let traffic = Traffic::new();
    let mut under_way = Vec::new();
    for _ in 0..10 {
        under_way.push(traffic.acquire(MINUTE).await.unwrap());
    }
    let has_its_turn = traffic.start(MINUTE).await;
    let waits_for_its_turn = traffic.start(MINUTE).await;

    let (time, results) = time(async { [has_its_turn.await, waits_for_its_turn.await] }).await;

    assert_eq!(results.map(Result::unwrap), [Err(RetryStopped::Timeout); 2]);
    assert_eq!(time, MINUTE);
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_all_waits_at_once() {
    let traffic = Traffic::new();
    traffic.request(refused("300")).await.unwrap();
    let mut tasks = Vec::new();
    for _ in 0..100 {
        tasks.push(traffic.start(20 * MINUTE).await);
    }

    traffic.stop.cancel();

    let (time, ()) = time(async {
        for task in tasks {
            assert_eq!(task.await.unwrap(), Err(RetryStopped::Interrupted));
        }
    })
    .await;
    assert_eq!(time, Duration::ZERO);
    let (time, late) = self::time(traffic.acquire(20 * MINUTE)).await;
    assert_eq!(late.unwrap_err(), RetryStopped::Interrupted);
    assert_eq!(time, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn after_a_stop_what_needs_no_wait_is_still_sent() {
    let traffic = Traffic::new();
    traffic.stop.cancel();

    assert!(traffic.acquire(MINUTE).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn after_a_stop_a_read_is_kept_back_by_nothing_but_the_apis_own_word() {
    let capped = Traffic::capped(Some(0.1));
    capped.request(ok()).await.unwrap();
    let blocked = Traffic::new();
    blocked.request(refused("300")).await.unwrap();
    let (read, write) = (true, false);

    for (traffic, is_read, expected) in [
        (&capped, write, Some(RetryStopped::Interrupted)),
        (&capped, read, None),
        (&blocked, read, Some(RetryStopped::Interrupted)),
    ] {
        traffic.stop.cancel();
        let (time, permit) = time(traffic.acquire_for(20 * MINUTE, is_read)).await;

        assert_eq!(permit.err(), expected);
        assert_eq!(time, Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn who_no_longer_waits_keeps_back_nobody() {
    let traffic = Traffic::new();
    traffic.request(refused("60")).await.unwrap();
    let impatient = timeout(MINUTE / 2, traffic.acquire(20 * MINUTE)).await;

    assert!(impatient.is_err());
    assert!(traffic.acquire(20 * MINUTE).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_permit_that_is_dropped_makes_room() {
    let traffic = Traffic::new();
    let mut under_way = Vec::new();
    for _ in 0..10 {
        under_way.push(traffic.acquire(MINUTE).await.unwrap());
    }
    let waits = traffic.start(MINUTE).await;

    drop(under_way.pop());

    assert_eq!(waits.await.unwrap(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn many_tasks_together_keep_to_the_limit() {
    let traffic = Traffic::new();
    let mut tasks = JoinSet::new();
    let start = Instant::now();
    let spent = Arc::new(Mutex::new(0_u32)); // 100 requests each minute, from the first on
    for number in 0..250_u64 {
        let (traffic, spent) = (traffic.clone(), Arc::clone(&spent));
        tasks.spawn(async move {
            let permit = traffic.acquire(20 * MINUTE).await.unwrap();
            sleep(Duration::from_millis(50 + number % 7 * 20)).await;
            let now = start.elapsed().as_secs();
            let minute = u32::try_from(now / 60).unwrap();
            let count = {
                let mut spent = spent.lock().unwrap();
                *spent = (*spent).max(minute * 100) + 1;
                *spent
            };
            let left = ((minute + 1) * 100).checked_sub(count);
            let Answer(status, headers) = super::tests::left(left.unwrap(), 60 - now % 60);
            permit.answered(status, &headers);
        });
    }

    tasks.join_all().await;

    assert!(start.elapsed() < 4 * MINUTE);
}

#[tokio::test(start_paused = true)]
async fn a_block_is_told_of_until_it_is_over() {
    let traffic = Traffic::new();
    assert_eq!(traffic.limiter.blocked_for(), None);

    traffic.request(refused("300")).await.unwrap();
    let at_first = traffic.limiter.blocked_for().unwrap();
    sleep(MINUTE).await;

    assert_eq!(traffic.limiter.blocked_for(), Some(at_first - MINUTE));
    sleep(at_first).await;
    assert_eq!(traffic.limiter.blocked_for(), None);
}
