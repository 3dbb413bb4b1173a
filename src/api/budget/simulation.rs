//! A client and an API with random limits, latencies and rounding, and nothing but numbers.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
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

/// What happened to the requests of a world.
struct History {
    /// Those that others left no room for in a day.
    left: usize,
    refused: usize,
    blocks: usize,
    duration: Duration,
}

/// Others may use a limit up for good: then nobody waits for the end.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Lets a client make all its requests, and checks that none is sent while a block lasts.
fn run(world: &World) -> History {
    let (mut api, mut budget) = (Api::default(), Budget::new(Timing::default(), None));
    let start = Instant::now();
    let mut now = start;
    let mut events = BTreeMap::from([((now, 0), Event::Others)]);
    let (mut left, mut number, mut refused) = (world.requests, 0, 0);
    let (mut known_block, mut under_way) = (now, 0);
    while (left > 0 || under_way > 0) && now < start + A_DAY {
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
        left,
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

        prop_assert_eq!((history.left, history.refused), (0, 0));
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

        prop_assert_eq!(history.left, 0);
        prop_assert!(history.refused <= 10 * history.blocks);
    }
}
