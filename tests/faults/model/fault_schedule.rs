//! What goes wrong while a command runs, at random.

use std::time::Duration;

use http::{Method, StatusCode};
use proptest::{collection::vec, option, prelude::*, sample::select};
use realtimekit::mock_api::{Fault, Matcher, MockApi};

use super::operation::{self, Elsewhere};
use crate::provider::HURRY;

/// What goes wrong while a command runs; moments are numbers of answers of the API.
#[derive(Debug, Clone)]
pub(super) struct FaultSchedule {
    faults: Vec<Planned>,
    /// When the user interrupts.
    pub(super) interrupt: Option<u64>,
    /// What others do meanwhile, and when.
    pub(super) meanwhile: Option<(u64, Elsewhere)>,
}

/// A fault of some requests with a method, or of all.
#[derive(Debug, Clone)]
struct Planned {
    method: Option<Method>,
    /// How many requests it spares first.
    spares: usize,
    times: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Drop,
    Late,
    Status(u16),
    RetryAfter(&'static str),
    Html(u16),
    Empty(u16),
    Body(&'static str),
    Truncate(usize),
    Redirect,
    /// Of those above, one that comes after the request was acted upon.
    Acted(&'static Kind),
    /// The answer is a failure, and the request is acted upon later.
    ActedLate,
}

impl FaultSchedule {
    pub(super) fn is_none(&self) -> bool {
        self.faults.is_empty() && self.interrupt.is_none() && self.meanwhile.is_none()
    }

    /// Whether something is late for who is in a hurry.
    pub(super) fn is_late(&self) -> bool {
        self.faults
            .iter()
            .any(|fault| matches!(fault.kind, Kind::Late | Kind::ActedLate))
    }

    pub(super) fn arm(&self, api: &MockApi) {
        for Planned {
            method,
            spares,
            times,
            kind,
        } in &self.faults
        {
            let matcher = || method.clone().map_or(Matcher::any(), Matcher::method);
            api.fail(matcher(), *spares, Fault::delay(Duration::ZERO));
            api.fail(matcher(), *times, kind.fault());
        }
    }
}

impl Kind {
    fn fault(self) -> Fault {
        let status = |status| StatusCode::from_u16(status).unwrap();
        let late = HURRY + HURRY / 4;
        match self {
            Self::Drop => Fault::drop_connection(),
            Self::Late => Fault::delay(late),
            Self::ActedLate => Fault::delay_before_storing(late),
            Self::Status(code) => Fault::status(status(code)),
            Self::RetryAfter(when) => Fault::status(status(429))
                .header("retry-after", when)
                .unwrap(),
            Self::Html(code) => Fault::html(status(code)),
            Self::Empty(code) => Fault::empty(status(code)),
            Self::Body(body) => Fault::body(StatusCode::OK, body),
            Self::Truncate(length) => Fault::truncate(length),
            Self::Redirect => Fault::redirect("https://elsewhere.example/").unwrap(),
            Self::Acted(kind) => kind.fault().after_storing(),
        }
    }
}

/// A 404 or 409 of the API itself would be the truth, or a lie that nobody can see through.
const KINDS: [Kind; 27] = [
    Kind::Drop,
    Kind::Drop,
    Kind::Acted(&Kind::Drop),
    Kind::Acted(&Kind::Drop),
    Kind::Late,
    Kind::ActedLate,
    Kind::Status(400),
    Kind::Status(401),
    Kind::Status(403),
    Kind::Html(404),
    Kind::Status(408),
    Kind::Status(429),
    Kind::RetryAfter("0"),
    Kind::RetryAfter("Sun, 06 Nov 1994 08:49:37 GMT"),
    Kind::Status(500),
    Kind::Status(502),
    Kind::Status(503),
    Kind::Html(504),
    Kind::Acted(&Kind::Status(500)),
    Kind::Acted(&Kind::Html(504)),
    Kind::Acted(&Kind::Html(200)),
    Kind::Acted(&Kind::Empty(200)),
    Kind::Html(200),
    Kind::Acted(&Kind::Body(
        r#"{"success":true,"data":{"id":7,"name":true}}"#,
    )),
    Kind::Acted(&Kind::Body(r#"{"success":true,"data":{}}"#)),
    Kind::Truncate(40),
    Kind::Redirect,
];

pub(super) fn fault_schedules() -> impl Strategy<Value = FaultSchedule> {
    let faults = prop_oneof![2 => Just(Vec::new()), 3 => vec(planned(), 1..3)];
    let interrupt = option::weighted(0.15, 0..12_u64);
    let meanwhile = option::weighted(0.1, (0..12_u64, operation::meanwhile()));
    (faults, interrupt, meanwhile).prop_map(|(faults, interrupt, meanwhile)| FaultSchedule {
        faults,
        interrupt,
        meanwhile,
    })
}

fn planned() -> impl Strategy<Value = Planned> {
    let method = option::weighted(
        0.7,
        select(vec![Method::GET, Method::POST, Method::PUT, Method::DELETE]),
    );
    let kind = select(KINDS.as_slice());
    (method, 0..6_usize, 1..7_usize, kind).prop_map(|(method, spares, times, kind)| {
        let times = match kind {
            Kind::Late | Kind::ActedLate => 1, // for the sake of the tests' time
            _ => times,
        };
        Planned {
            method,
            spares,
            times,
            kind,
        }
    })
}
