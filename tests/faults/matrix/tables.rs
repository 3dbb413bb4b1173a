//! The tables. Each row is for faults with the same outcome, each column for how long they stay:
//! for one request, for all with the method of the operation, or for all.

use super::{
    cell::{Table, check},
    expectations::Ending::{
        Contradicted, Done, Failed, FailedAfter, FailedUnsure, Taken, TakenAfter, Unread,
    },
    fault::{
        CONFLICT,
        Fault::{
            ActedLate, After, Empty, Html, Huge, Late, LimitDate, LimitSeconds, MissingFields,
            Redirect, Refused, Reset, Status, Truncated, WrongTypes,
        },
        LIMIT,
    },
    operation::Operation,
};

/// The plan that is made again in the run that applies looks for the URL (the first `L`). A POST
/// that may have been acted upon is looked for five times (`LLLLL`) before it is sent again.
#[rustfmt::skip]
const CREATE: Table<3> = &[
    // once, each POST, everything
    (&[Refused],
        [("P", Done), ("", Failed), ("", Failed)]),
    (&[Reset, Status(500), Status(502), Status(503)],
        [("LPLLLLLP", Done), ("LPLLLLLPLLLLLPLLLLL", FailedUnsure), ("LPLLL", FailedUnsure)]),
    (&[Status(504)],
        [("LPLLLLL", FailedUnsure), ("LPLLLLL", FailedUnsure), ("LPLLL", FailedUnsure)]),
    (&[After(&Reset), After(&Status(500)), Late, Truncated],
        [("LPL", Done), ("LPL", Done), ("LPLLL", FailedAfter)]),
    (&[ActedLate],
        [("LPLLLLL", FailedAfter), ("LPLLLLL", FailedAfter), ("LPLLL", FailedAfter)]),
    (&[LimitSeconds, LimitDate],
        [("LPP", Done), ("LP", Failed), ("L", Failed)]),
    (&[LIMIT],
        [("LPP", Done), ("LP*", Failed), ("LP*", Failed)]),
    (&[Html(404), Redirect],
        [("LP", Failed), ("LP", Failed), ("LP", Failed)]),
    (&[Html(200), Empty, Huge, WrongTypes, MissingFields],
        [("LPLLLLL", FailedUnsure), ("LPLLLLL", FailedUnsure), ("LPL", FailedUnsure)]),
    (&[After(&Html(200)), After(&Empty), After(&Huge), After(&WrongTypes), After(&MissingFields)],
        [("LPL", Done), ("LPL", Done), ("LPL", FailedAfter)]),
    (&[CONFLICT],
        [("LPLP", Done), ("LPLPL", Taken), ("LPL", Taken)]),
    (&[After(&CONFLICT)],
        [("LPL", TakenAfter), ("LPL", TakenAfter), ("LPL", TakenAfter)]),
];

/// Whether a PUT that failed was made is read (`G`). The API as documented answers a PUT in full;
/// the live one does not, so it is read too.
#[rustfmt::skip]
const UPDATE: Table<3> = &[
    // once, each PUT, everything
    (&[Refused],
        [("U", Done), ("", Failed), ("", Failed)]),
    (&[Reset, Status(500), Status(502), Status(503), Status(504)],
        [("LUU", Done), ("LUUUG", FailedUnsure), ("LUUUGGG", FailedUnsure)]),
    (&[After(&Reset), After(&Status(500)), Late, ActedLate, Truncated],
        [("LUU", Done), ("LUUUG", Done), ("LUUUGGG", FailedAfter)]),
    (&[LimitSeconds, LimitDate],
        [("LUU", Done), ("LU", Failed), ("L", Failed)]),
    (&[LIMIT],
        [("LUU", Done), ("LU*", Failed), ("LU*", Failed)]),
    (&[Html(404), Redirect],
        [("LU", Failed), ("LU", Failed), ("LU", Failed)]),
    (&[Html(200), Huge, WrongTypes],
        [("LUG", FailedUnsure), ("LUG", FailedUnsure), ("LUG", FailedUnsure)]),
    (&[After(&Html(200)), After(&Huge), After(&WrongTypes)],
        [("LUG", Done), ("LUG", Done), ("LUG", FailedAfter)]),
    (&[Empty, MissingFields],
        [("LUG", Contradicted), ("LUG", Contradicted), ("LUG", Unread)]),
    (&[After(&Empty), After(&MissingFields)],
        [("LUG", Done), ("LUG", Done), ("LUG", Unread)]),
    (&[CONFLICT],
        [("LULU", Done), ("LULUL", Taken), ("LUL", Taken)]),
];

/// Whether a DELETE that failed was made is read (`G`). The body of its answer does not matter, if
/// it is readable.
#[rustfmt::skip]
const DELETE: Table<3> = &[
    // once, each DELETE, everything
    (&[Refused],
        [("D", Done), ("", Failed), ("", Failed)]),
    (&[Reset, Status(500), Status(502), Status(503), Status(504)],
        [("DD", Done), ("DDDG", FailedUnsure), ("DDDGGG", FailedUnsure)]),
    (&[After(&Reset), After(&Status(500)), Late, ActedLate],
        [("DD", Done), ("DDDG", Done), ("DDDGGG", FailedAfter)]),
    (&[LimitSeconds, LimitDate],
        [("DD", Done), ("D", Failed), ("D", Failed)]),
    (&[LIMIT],
        [("DD", Done), ("D*", Failed), ("D*", Failed)]),
    (&[Html(404), Redirect, CONFLICT],
        [("D", Failed), ("D", Failed), ("D", Failed)]),
    (&[Html(200)],
        [("DG", FailedUnsure), ("DG", FailedUnsure), ("DG", FailedUnsure)]),
    (&[After(&Html(200)), After(&Huge)],
        [("DG", Done), ("DG", Done), ("DG", FailedAfter)]),
    (&[After(&Empty), After(&WrongTypes), After(&MissingFields)],
        [("D", Done), ("D", Done), ("D", Done)]),
];

/// Reads of one webhook. Lists are requested in the same way, and an import ends with a read.
#[rustfmt::skip]
const GET: Table<2> = &[
    // once, each GET
    (&[Refused],
        [("G", Done), ("", Failed)]),
    (&[Reset, After(&Reset), Late, ActedLate, Status(500), Status(502), Status(503), Status(504), Truncated],
        [("GG", Done), ("GGG", Failed)]),
    (&[LimitSeconds, LimitDate],
        [("GG", Done), ("G", Failed)]),
    (&[LIMIT],
        [("GG", Done), ("G*", Failed)]),
    (&[Html(404), Html(200), Empty, Huge, WrongTypes, MissingFields, Redirect, CONFLICT],
        [("G", Failed), ("G", Failed)]),
];

#[test]
fn creation_under_each_fault_makes_one_webhook_or_tells_of_it() {
    check(Operation::Create, CREATE);
}

#[test]
fn update_under_each_fault_is_made_or_keeps_the_prior_state() {
    check(Operation::Update, UPDATE);
}

#[test]
fn deletion_under_each_fault_is_made_or_keeps_the_webhook_in_the_state() {
    check(Operation::Delete, DELETE);
}

#[test]
fn read_under_each_fault_concludes_nothing_from_it() {
    check(Operation::Read, GET);
}

#[test]
fn data_source_under_each_fault_finds_the_webhook_or_says_why_not() {
    check(Operation::LookUpById, GET);
    check(Operation::LookUpByUrl, GET);
    check(Operation::List, GET);
}

#[test]
fn import_under_each_fault_is_complete_or_nothing() {
    check(Operation::Import, GET);
}
