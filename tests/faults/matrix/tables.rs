//! The tables. Each row is a fault, each column how long it stays.

use futures_util::future::join_all;

use super::{
    cell::check,
    expectations::{
        Ending::{
            Contradicted, Done, Failed, FailedAfter, FailedUnsure, Taken, TakenAfter, Unread,
        },
        Expected,
    },
    fault::{
        Fault::{
            self, ActedLate, Conflict, ConflictAfter, Empty200, Empty200After, Html200,
            Html200After, Html404, Huge, HugeAfter, Late, Limit, LimitDate, LimitSeconds,
            MissingFields, MissingFieldsAfter, Redirect, Refused, ResetAfter, ResetBefore, Status,
            Status500After, Truncated, WrongTypes, WrongTypesAfter,
        },
        Reach::{self, Always, Everywhere, Once},
    },
    operation::Operation,
};

const WRITES: [Reach; 3] = [Once, Always, Everywhere];
const READS: [Reach; 2] = [Once, Always];

/// A POST that may have been acted upon is looked for five times (`LLLLL`) before it is sent again.
#[rustfmt::skip]
const CREATE: [(Fault, [Expected; 3]); 28] = [
    // fault               once                    each POST                               everything
    (Refused,            [("P", Done),            ("", Failed),                           ("", Failed)]),
    (ResetBefore,        [("PLLLLLP", Done),      ("PLLLLLPLLLLLPLLLLL", FailedUnsure),   ("PLLL", FailedUnsure)]),
    (ResetAfter,         [("PL", Done),           ("PL", Done),                           ("PLLL", FailedAfter)]),
    (Late,               [("PL", Done),           ("PL", Done),                           ("PLLL", FailedAfter)]),
    (ActedLate,          [("PLLLLL", FailedAfter), ("PLLLLL", FailedAfter),               ("PLLL", FailedAfter)]),
    (LimitSeconds,       [("PP", Done),           ("P", Failed),                          ("P", Failed)]),
    (LimitDate,          [("PP", Done),           ("P", Failed),                          ("P", Failed)]),
    (Limit,              [("PP", Done),           ("P*", Failed),                         ("P*", Failed)]),
    (Status(500),        [("PLLLLLP", Done),      ("PLLLLLPLLLLLPLLLLL", FailedUnsure),   ("PLLL", FailedUnsure)]),
    (Status(502),        [("PLLLLLP", Done),      ("PLLLLLPLLLLLPLLLLL", FailedUnsure),   ("PLLL", FailedUnsure)]),
    (Status(503),        [("PLLLLLP", Done),      ("PLLLLLPLLLLLPLLLLL", FailedUnsure),   ("PLLL", FailedUnsure)]),
    (Status(504),        [("PLLLLL", FailedUnsure), ("PLLLLL", FailedUnsure),             ("PLLL", FailedUnsure)]),
    (Status500After,     [("PL", Done),           ("PL", Done),                           ("PLLL", FailedAfter)]),
    (Html404,            [("P", Failed),          ("P", Failed),                          ("P", Failed)]),
    (Truncated,          [("PL", Done),           ("PL", Done),                           ("PLLL", FailedAfter)]),
    (Html200,            [("PLLLLL", FailedUnsure), ("PLLLLL", FailedUnsure),             ("PL", FailedUnsure)]),
    (Html200After,       [("PL", Done),           ("PL", Done),                           ("PL", FailedAfter)]),
    (Empty200,           [("PLLLLL", FailedUnsure), ("PLLLLL", FailedUnsure),             ("PL", FailedUnsure)]),
    (Empty200After,      [("PL", Done),           ("PL", Done),                           ("PL", FailedAfter)]),
    (Huge,               [("PLLLLL", FailedUnsure), ("PLLLLL", FailedUnsure),             ("PL", FailedUnsure)]),
    (HugeAfter,          [("PL", Done),           ("PL", Done),                           ("PL", FailedAfter)]),
    (WrongTypes,         [("PLLLLL", FailedUnsure), ("PLLLLL", FailedUnsure),             ("PL", FailedUnsure)]),
    (WrongTypesAfter,    [("PL", Done),           ("PL", Done),                           ("PL", FailedAfter)]),
    (MissingFields,      [("PLLLLL", FailedUnsure), ("PLLLLL", FailedUnsure),             ("PL", FailedUnsure)]),
    (MissingFieldsAfter, [("PL", Done),           ("PL", Done),                           ("PL", FailedAfter)]),
    (Redirect,           [("P", Failed),          ("P", Failed),                          ("P", Failed)]),
    (Conflict,           [("PLP", Done),          ("PLPL", Taken),                        ("PL", Taken)]),
    (ConflictAfter,      [("PL", TakenAfter),     ("PL", TakenAfter),                     ("PL", TakenAfter)]),
];

/// The API as documented answers a PUT in full; the live one does not, and is read. Whether one that failed was made is read (`G`).
#[rustfmt::skip]
const UPDATE: [(Fault, [Expected; 3]); 27] = [
    // fault               once              each PUT                everything
    (Refused,            [("U", Done),      ("", Failed),           ("", Failed)]),
    (ResetBefore,        [("UU", Done),     ("UUUG", FailedUnsure), ("UUUGGG", FailedUnsure)]),
    (ResetAfter,         [("UU", Done),     ("UUUG", Done),         ("UUUGGG", FailedAfter)]),
    (Late,               [("UU", Done),     ("UUUG", Done),         ("UUUGGG", FailedAfter)]),
    (ActedLate,          [("UU", Done),     ("UUUG", Done),         ("UUUGGG", FailedAfter)]),
    (LimitSeconds,       [("UU", Done),     ("U", Failed),          ("U", Failed)]),
    (LimitDate,          [("UU", Done),     ("U", Failed),          ("U", Failed)]),
    (Limit,              [("UU", Done),     ("U*", Failed),         ("U*", Failed)]),
    (Status(500),        [("UU", Done),     ("UUUG", FailedUnsure), ("UUUGGG", FailedUnsure)]),
    (Status(502),        [("UU", Done),     ("UUUG", FailedUnsure), ("UUUGGG", FailedUnsure)]),
    (Status(503),        [("UU", Done),     ("UUUG", FailedUnsure), ("UUUGGG", FailedUnsure)]),
    (Status(504),        [("UU", Done),     ("UUUG", FailedUnsure), ("UUUGGG", FailedUnsure)]),
    (Status500After,     [("UU", Done),     ("UUUG", Done),         ("UUUGGG", FailedAfter)]),
    (Html404,            [("U", Failed),    ("U", Failed),          ("U", Failed)]),
    (Truncated,          [("UU", Done),     ("UUUG", Done),         ("UUUGGG", FailedAfter)]),
    (Html200,            [("UG", FailedUnsure), ("UG", FailedUnsure), ("UG", FailedUnsure)]),
    (Html200After,       [("UG", Done),     ("UG", Done),           ("UG", FailedAfter)]),
    (Empty200,           [("UG", Contradicted), ("UG", Contradicted), ("UG", Unread)]),
    (Empty200After,      [("UG", Done),     ("UG", Done),           ("UG", Unread)]),
    (Huge,               [("UG", FailedUnsure), ("UG", FailedUnsure), ("UG", FailedUnsure)]),
    (HugeAfter,          [("UG", Done),     ("UG", Done),           ("UG", FailedAfter)]),
    (WrongTypes,         [("UG", FailedUnsure), ("UG", FailedUnsure), ("UG", FailedUnsure)]),
    (WrongTypesAfter,    [("UG", Done),     ("UG", Done),           ("UG", FailedAfter)]),
    (MissingFields,      [("UG", Contradicted), ("UG", Contradicted), ("UG", Unread)]),
    (MissingFieldsAfter, [("UG", Done),     ("UG", Done),           ("UG", Unread)]),
    (Redirect,           [("U", Failed),    ("U", Failed),          ("U", Failed)]),
    (Conflict,           [("ULU", Done),    ("ULUL", Taken),        ("UL", Taken)]),
];

/// The body of a DELETE's answer does not matter, if it can be read. Whether one that failed was
/// made is read (`G`).
#[rustfmt::skip]
const DELETE: [(Fault, [Expected; 3]); 22] = [
    // fault               once              each DELETE             everything
    (Refused,            [("D", Done),      ("", Failed),           ("", Failed)]),
    (ResetBefore,        [("DD", Done),     ("DDDG", FailedUnsure), ("DDDGGG", FailedUnsure)]),
    (ResetAfter,         [("DD", Done),     ("DDDG", Done),         ("DDDGGG", FailedAfter)]),
    (Late,               [("DD", Done),     ("DDDG", Done),         ("DDDGGG", FailedAfter)]),
    (ActedLate,          [("DD", Done),     ("DDDG", Done),         ("DDDGGG", FailedAfter)]),
    (LimitSeconds,       [("DD", Done),     ("D", Failed),          ("D", Failed)]),
    (LimitDate,          [("DD", Done),     ("D", Failed),          ("D", Failed)]),
    (Limit,              [("DD", Done),     ("D*", Failed),         ("D*", Failed)]),
    (Status(500),        [("DD", Done),     ("DDDG", FailedUnsure), ("DDDGGG", FailedUnsure)]),
    (Status(502),        [("DD", Done),     ("DDDG", FailedUnsure), ("DDDGGG", FailedUnsure)]),
    (Status(503),        [("DD", Done),     ("DDDG", FailedUnsure), ("DDDGGG", FailedUnsure)]),
    (Status(504),        [("DD", Done),     ("DDDG", FailedUnsure), ("DDDGGG", FailedUnsure)]),
    (Status500After,     [("DD", Done),     ("DDDG", Done),         ("DDDGGG", FailedAfter)]),
    (Html404,            [("D", Failed),    ("D", Failed),          ("D", Failed)]),
    (Html200,            [("DG", FailedUnsure), ("DG", FailedUnsure), ("DG", FailedUnsure)]),
    (Html200After,       [("DG", Done),     ("DG", Done),           ("DG", FailedAfter)]),
    (Empty200After,      [("D", Done),      ("D", Done),            ("D", Done)]),
    (HugeAfter,          [("DG", Done),     ("DG", Done),           ("DG", FailedAfter)]),
    (WrongTypesAfter,    [("D", Done),      ("D", Done),            ("D", Done)]),
    (MissingFieldsAfter, [("D", Done),      ("D", Done),            ("D", Done)]),
    (Redirect,           [("D", Failed),    ("D", Failed),          ("D", Failed)]),
    (Conflict,           [("D", Failed),    ("D", Failed),          ("D", Failed)]),
];

/// Reads of one webhook. A list is asked for in the same way, and an import ends with a read.
#[rustfmt::skip]
const GET: [(Fault, [Expected; 2]); 21] = [
    // fault         once              always
    (Refused,       [("G", Done),     ("", Failed)]),
    (ResetBefore,   [("GG", Done),    ("GGG", Failed)]),
    (ResetAfter,    [("GG", Done),    ("GGG", Failed)]),
    (Late,          [("GG", Done),    ("GGG", Failed)]),
    (ActedLate,     [("GG", Done),    ("GGG", Failed)]),
    (LimitSeconds,  [("GG", Done),    ("G", Failed)]),
    (LimitDate,     [("GG", Done),    ("G", Failed)]),
    (Limit,         [("GG", Done),    ("G*", Failed)]),
    (Status(500),   [("GG", Done),    ("GGG", Failed)]),
    (Status(502),   [("GG", Done),    ("GGG", Failed)]),
    (Status(503),   [("GG", Done),    ("GGG", Failed)]),
    (Status(504),   [("GG", Done),    ("GGG", Failed)]),
    (Html404,       [("G", Failed),   ("G", Failed)]),
    (Truncated,     [("GG", Done),    ("GGG", Failed)]),
    (Html200,       [("G", Failed),   ("G", Failed)]),
    (Empty200,      [("G", Failed),   ("G", Failed)]),
    (Huge,          [("G", Failed),   ("G", Failed)]),
    (WrongTypes,    [("G", Failed),   ("G", Failed)]),
    (MissingFields, [("G", Failed),   ("G", Failed)]),
    (Redirect,      [("G", Failed),   ("G", Failed)]),
    (Conflict,      [("G", Failed),   ("G", Failed)]),
];

#[tokio::test]
async fn a_creation_makes_one_webhook_or_tells_of_it() {
    check(Operation::Create, WRITES, &CREATE).await;
}

#[tokio::test]
async fn an_update_is_made_or_the_state_is_as_before() {
    check(Operation::Update, WRITES, &UPDATE).await;
}

#[tokio::test]
async fn a_deletion_is_made_or_the_webhook_stays_in_the_state() {
    check(Operation::Delete, WRITES, &DELETE).await;
}

#[tokio::test]
async fn a_read_concludes_nothing_from_a_fault() {
    check(Operation::Read, READS, &GET).await;
}

#[tokio::test]
async fn a_webhook_is_looked_up_or_it_is_said_why_not() {
    let operations = [
        Operation::LookUpById,
        Operation::LookUpByUrl,
        Operation::List,
    ];
    join_all(operations.map(|operation| check(operation, READS, &GET))).await;
}

#[tokio::test]
async fn an_import_is_complete_or_nothing() {
    check(Operation::Import, READS, &GET).await;
}
