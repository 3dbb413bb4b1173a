use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn budget() -> Budget {
    Budget::new(Timing::default(), None)
}

fn limit(left: u32, time: u64) -> RateLimit {
    RateLimit {
        left,
        time: seconds(time),
        quota: Some(100),
        window: seconds(60),
    }
}

fn wait(until: Instant, reason: Reason) -> Decision {
    Decision::Wait(Wait { until, reason })
}

/// Sends as much as the budget allows at one moment.
fn send_all(budget: &mut Budget, now: Instant) -> Vec<Sent> {
    let mut sent = Vec::new();
    while budget.decide(now) == Decision::Send && sent.len() < 1000 {
        sent.push(budget.send(now));
    }
    sent
}

/// A budget that was told this by its only request.
fn told(outcome: Outcome, now: Instant) -> Budget {
    let mut budget = budget();
    let sent = budget.send(now);
    budget.finish(sent, outcome, now);
    budget
}

#[test]
fn few_requests_go_together_before_the_limit_is_known() {
    let now = Instant::now();
    let mut budget = budget();

    let sent = send_all(&mut budget, now);

    assert_eq!(sent.len(), 10);
    assert_eq!(budget.decide(now), Decision::WaitForAnswer(None));
}

#[test]
fn an_api_that_tells_no_limit_is_never_waited_for() {
    let now = Instant::now();
    let mut budget = budget();

    for _ in 0..10_000 {
        assert_eq!(budget.decide(now), Decision::Send);
        let sent = budget.send(now);
        budget.finish(sent, Outcome::Answered(None), now);
    }
}

#[test]
fn requests_under_way_count_as_spent() {
    let now = Instant::now();
    let mut budget = told(Outcome::Answered(Some(limit(30, 20))), now);

    let sent = send_all(&mut budget, now).len();

    assert_eq!(sent, 20, "all but what is little");
    assert!(matches!(budget.decide(now), Decision::Wait(_)));
}

#[test]
fn never_more_requests_go_together_than_keep_a_server_busy() {
    let now = Instant::now();
    let mut budget = told(Outcome::Answered(Some(limit(1000, 20))), now);

    assert_eq!(send_all(&mut budget, now).len(), 64);
}

#[test]
fn what_little_is_left_is_spread_over_the_rest_of_the_window() {
    let start = Instant::now();
    let mut budget = told(Outcome::Answered(Some(limit(3, 7))), start);
    let ends = start + seconds(8); // with the margin
    let mut now = start;
    let mut times = Vec::new();

    for left in [2, 1, 0] {
        let Decision::Wait(Wait { until, reason }) = budget.decide(now) else {
            panic!("unexpected: {:?}", budget.decide(now));
        };
        assert_eq!(reason, Reason::Scarce { ends });
        now = until;
        times.push(now - start);
        let sent = budget.send(now);
        let time = (ends - now).as_secs() - 1;
        budget.finish(sent, Outcome::Answered(Some(limit(left, time))), now);
    }

    assert_eq!(times, [seconds(2), seconds(4), seconds(6)]);
    assert_eq!(budget.decide(now), wait(ends, Reason::Spent));
    assert_eq!(budget.decide(ends), Decision::Send);
}

#[test]
fn of_two_answers_about_one_window_the_one_that_leaves_less_is_right() {
    let now = Instant::now();
    let mut budget = budget();
    let sent = [(); 3].map(|()| budget.send(now));

    for (sent, left) in sent.into_iter().zip([50, 48, 49]) {
        let told = Outcome::Answered(Some(limit(left, 30)));
        budget.finish(sent, told, now);
    }

    assert_eq!(budget.window.unwrap().left, 48);
}

#[test]
fn an_answer_about_a_new_window_replaces_what_was_known_and_an_old_one_does_not() {
    let now = Instant::now();
    let mut budget = budget();
    let sent = [(); 3].map(|()| budget.send(now));

    for (sent, (left, time)) in sent.into_iter().zip([(2, 1), (99, 59), (1, 0)]) {
        let told = Outcome::Answered(Some(limit(left, time)));
        budget.finish(sent, told, now);
    }

    assert_eq!(budget.window.unwrap().left, 99);
}

#[test]
fn a_request_without_an_answer_may_have_been_counted() {
    let now = Instant::now();
    let mut budget = told(Outcome::Answered(Some(limit(50, 30))), now);

    let sent = budget.send(now);
    budget.finish(sent, Outcome::Lost, now);

    assert_eq!(budget.window.unwrap().left, 49);
}

#[test]
fn a_block_lasts_as_long_as_the_api_says() {
    let now = Instant::now();
    let cases = [
        (None, Some(300), millis(300_000)),
        (Some(limit(0, 60)), Some(5), millis(5_000)),
        (Some(limit(0, 60)), None, millis(61_000)),
        (Some(limit(7, 60)), None, millis(500)),
        (None, Some(0), millis(500)),
        (None, None, millis(500)),
    ];

    for (limit, retry_after, expected) in cases {
        let refused = Outcome::Refused(limit, retry_after.map(seconds));

        let budget = told(refused, now);

        let until = now + expected;
        assert_eq!(
            budget.decide(now),
            wait(until, Reason::Blocked),
            "{refused:?}"
        );
        assert_eq!(budget.decide(until), Decision::Send);
    }
}

#[test]
fn one_request_finds_out_whether_a_block_is_over() {
    let now = Instant::now();
    let mut budget = told(Outcome::Refused(None, Some(seconds(5))), now);
    let later = now + seconds(5);

    let mut probe = send_all(&mut budget, later);

    assert_eq!(probe.len(), 1);
    assert_eq!(budget.decide(later), Decision::WaitForAnswer(None));
    let answered = Outcome::Answered(Some(limit(90, 60)));
    budget.finish(probe.remove(0), answered, later);
    assert!(send_all(&mut budget, later).len() > 10);
}

#[test]
fn a_probe_without_an_answer_is_followed_by_another() {
    let now = Instant::now();
    let mut budget = told(Outcome::Refused(None, Some(seconds(5))), now);
    let later = now + seconds(5);

    let probe = budget.send(later);
    budget.finish(probe, Outcome::Lost, later);

    assert_eq!(send_all(&mut budget, later).len(), 1);
}

#[test]
fn blocks_of_unknown_length_are_waited_for_longer_and_longer() {
    let mut now = Instant::now();
    let mut budget = budget();
    let mut waits = Vec::new();

    for _ in 0..9 {
        let sent = budget.send(now);
        budget.finish(sent, Outcome::Refused(None, None), now);
        let until = budget.blocked_until(now).unwrap();
        waits.push((until - now).as_millis());
        now = until;
    }

    let expected = [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000];
    assert_eq!(waits, expected);
}

#[test]
fn many_refusals_at_once_are_one_block() {
    let now = Instant::now();
    let mut budget = budget();

    for sent in send_all(&mut budget, now) {
        budget.finish(sent, Outcome::Refused(None, None), now);
    }

    assert_eq!(budget.blocked_until(now), Some(now + millis(500)));
}

#[test]
fn an_answer_to_an_earlier_request_does_not_end_a_block() {
    let now = Instant::now();
    let mut budget = budget();
    let [refused, answered] = [budget.send(now), budget.send(now)];

    budget.finish(refused, Outcome::Refused(None, Some(seconds(9))), now);
    budget.finish(answered, Outcome::Answered(Some(limit(50, 60))), now);

    assert_eq!(budget.decide(now), wait(now + seconds(9), Reason::Blocked));
}

#[test]
fn a_cap_spaces_requests_evenly() {
    let cases = [
        (Some(4.0), Some(millis(250))),
        (Some(0.5), Some(seconds(2))),
        (Some(f64::MIN_POSITIVE), Some(seconds(86_400))),
        (Some(f64::INFINITY), None),
        (Some(0.0), None),
        (Some(-1.0), None),
        (Some(f64::NAN), None),
        (None, None),
    ];

    for (requests_per_second, interval) in cases {
        let now = Instant::now();
        let mut budget = Budget::new(Timing::default(), requests_per_second);
        let sent = budget.send(now);
        budget.finish(sent, Outcome::Answered(None), now);

        let decision = budget.decide(now);

        let expected = interval.map(|interval| wait(now + interval, Reason::Capped));
        assert_eq!(decision, expected.unwrap_or(Decision::Send));
    }
}

#[test]
fn urgent_requests_wait_only_where_the_api_says_no() {
    let now = Instant::now();
    let capped = {
        let mut budget = Budget::new(Timing::default(), Some(0.1));
        budget.send(now);
        budget
    };
    let crowded = {
        let mut budget = budget();
        send_all(&mut budget, now);
        budget
    };
    let until = now + seconds(5);
    let cases = [
        (
            told(Outcome::Refused(None, Some(seconds(5))), now),
            wait(until, Reason::Blocked),
        ),
        (
            told(Outcome::Answered(Some(limit(0, 4))), now),
            wait(until, Reason::Spent),
        ),
        (
            told(Outcome::Answered(Some(limit(1, 4))), now),
            Decision::Send,
        ),
        (capped, Decision::Send),
        (crowded, Decision::Send),
    ];

    for (budget, expected) in cases {
        assert_eq!(budget.decide_urgent(now), expected, "{budget:?}");
    }
}

/// An API with a rate limit, somewhere in the network, and all that a client has to ask of it.
#[derive(Debug, Clone)]
struct World {
    quota: u32,
    window: Duration,
    block: Duration,
    /// Whether answers tell the limit, and how its seconds are rounded.
    tells: Option<Rounding>,
    /// Requests that others make at the same API at each second.
    others: u32,
    requests: usize,
    /// Milliseconds to the API and back, taken in turns.
    latencies: Vec<(u64, u64)>,
}

#[derive(Debug, Clone, Copy)]
enum Rounding {
    Up,
    Down,
}

#[derive(Debug, Default)]
struct Api {
    window: Option<(Instant, u32)>,
    blocked_until: Option<Instant>,
    blocks: usize,
}

enum Event {
    Arrival(Sent, u64),
    Answer(Sent, Outcome),
    Others,
}

impl Api {
    /// Counts a request; says whether it is answered, how many are left, and for how long.
    fn count(&mut self, world: &World, now: Instant) -> (bool, u32, Duration) {
        if let Some(until) = self.blocked_until {
            if now < until {
                return (false, 0, until - now);
            }
            (self.blocked_until, self.window) = (None, None);
        }
        self.window = self.window.filter(|(ends, _)| now < *ends);
        let (ends, count) = self.window.get_or_insert((now + world.window, 0));
        *count += 1;
        if *count > world.quota {
            self.blocked_until = Some(now + world.block);
            self.blocks += 1;
            return (false, 0, world.block);
        }
        (true, world.quota - *count, *ends - now)
    }

    fn answer(&mut self, world: &World, now: Instant) -> Outcome {
        let (allowed, left, time) = self.count(world, now);
        let limit = world.tells.map(|rounding| RateLimit {
            left,
            time: match rounding {
                Rounding::Up => rounded_up(time),
                Rounding::Down => seconds(time.as_secs()),
            },
            quota: Some(world.quota),
            window: world.window,
        });
        match allowed {
            true => Outcome::Answered(limit),
            false => Outcome::Refused(limit, Some(rounded_up(time))),
        }
    }
}

fn rounded_up(time: Duration) -> Duration {
    seconds(time.as_millis().div_ceil(1000).try_into().unwrap())
}

/// What happened to all requests of a world.
struct History {
    refused: usize,
    blocks: usize,
    duration: Duration,
}

/// Lets a client make all its requests, and checks that none is sent while a block lasts.
fn run(world: &World) -> History {
    let (mut api, mut budget) = (Api::default(), budget());
    let start = Instant::now();
    let mut now = start;
    let mut events = BTreeMap::from([((now, 0), Event::Others)]);
    let (mut left, mut number, mut refused) = (world.requests, 0, 0);
    let (mut known_block, mut under_way) = (now, 0);
    while left > 0 || under_way > 0 {
        let decision = match left {
            0 => Decision::WaitForAnswer(None),
            _ => budget.decide(now),
        };
        let wake = match decision {
            Decision::Send => {
                assert!(known_block <= now, "sent while a block lasts");
                let (there, back) = world.latencies[number % world.latencies.len()];
                (left, number, under_way) = (left - 1, number + 1, under_way + 1);
                let arrival = Event::Arrival(budget.send(now), back);
                events.insert((now + millis(there), number), arrival);
                continue;
            }
            Decision::Wait(wait) => Some(wait.until),
            Decision::WaitForAnswer(at) => at,
        };
        let next = events.first_entry().unwrap();
        if let Some(wake) = wake.filter(|wake| *wake <= next.key().0) {
            assert!(now < wake, "waits for the past");
            now = wake;
            continue;
        }
        let ((time, id), event) = next.remove_entry();
        now = time;
        match event {
            Event::Arrival(sent, back) => {
                let outcome = api.answer(world, now);
                events.insert((now + millis(back), id), Event::Answer(sent, outcome));
            }
            Event::Answer(sent, outcome) => {
                under_way -= 1;
                if let Outcome::Refused(_, Some(wait)) = outcome {
                    (left, refused) = (left + 1, refused + 1);
                    known_block = known_block.max(now + wait);
                }
                budget.finish(sent, outcome, now);
            }
            Event::Others => {
                for _ in 0..world.others {
                    api.count(world, now);
                }
                events.insert((now + seconds(1), 0), Event::Others);
            }
        }
    }
    History {
        refused,
        blocks: api.blocks,
        duration: now - start,
    }
}

fn any_world(
    tells: impl Strategy<Value = Option<Rounding>>,
    others: std::ops::Range<u32>,
) -> impl Strategy<Value = World> {
    let latency = (0..1000_u64, 0..1000_u64);
    (
        10..200_u32,
        10..60_u64,
        1..300_u64,
        tells,
        others,
        1..500_usize,
        proptest::collection::vec(latency, 1..30),
    )
        .prop_map(
            |(quota, window, block, tells, others, requests, latencies)| World {
                quota,
                window: seconds(window),
                block: seconds(block),
                tells,
                others,
                requests,
                latencies,
            },
        )
}

fn told_limits() -> impl Strategy<Value = Option<Rounding>> {
    prop_oneof![Just(Some(Rounding::Up)), Just(Some(Rounding::Down))]
}

proptest! {
    #[test]
    fn who_is_told_the_limit_never_exceeds_it_alone(world in any_world(told_limits(), 0..1)) {
        let history = run(&world);

        prop_assert_eq!(history.refused, 0);
        let windows = world.requests.div_ceil(world.quota as usize) as u32;
        let overhead = seconds(4); // rounding, margin, and the way there and back
        prop_assert!(history.duration <= (windows + 1) * (world.window + overhead));
    }

    #[test]
    fn a_limit_shared_with_others_slows_down_and_fails_nothing(
        world in any_world(told_limits(), 0..9),
    ) {
        let history = run(&world);

        prop_assert!(history.refused <= (64 + 1) * history.blocks.max(1));
    }

    #[test]
    fn a_limit_that_is_not_told_is_found_out_by_few(world in any_world(Just(None), 0..1)) {
        let history = run(&world);

        prop_assert!(history.refused <= 10 * history.blocks);
    }
}
