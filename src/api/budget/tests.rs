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
