//! What an error says, and what it answers to the questions about it.

use http::Method;

use super::FailureKind::{Lost, NotConnected, Timeout, Unreadable};
use super::examples::*;
use super::*;

fn after(count: u32, failed: Failure) -> Failure {
    Failure {
        attempts: count,
        ..failed
    }
}

fn after_one_that_may_have_acted(failed: Failure) -> Failure {
    Failure {
        earlier_may_have_acted: true,
        ..failed
    }
}

#[test]
fn an_error_says_which_call_failed_and_how() {
    let forbidden = Failure {
        codes: vec!["10000".to_owned(), "7".to_owned()],
        cf_ray: Some("8c1f-FRA".to_owned()),
        ..response(403)
    };
    let interrupted = RetryStopped::Interrupted;
    let wait = RetryStopped::Wait(Duration::from_millis(119_001));
    let cases = [
        (
            refused_with(Method::GET, forbidden).into(),
            "GET /accounts/a/realtime/kit/b/webhooks failed with 403 Forbidden: some words \
             (code 10000, code 7, cf-ray 8c1f-FRA)",
        ),
        (
            refused(Method::GET, 599).into(),
            "GET /accounts/a/realtime/kit/b/webhooks failed with 599 <unknown status code>: some words",
        ),
        (
            unreadable(Method::PUT, Unreadable).into(),
            "PUT /accounts/a/realtime/kit/b/webhooks was answered with 200 OK, but the \
             answer cannot be used: events[2] is a number, expected a string \
             (cf-ray 8c1f-FRA)",
        ),
        (
            no_answer(Method::GET, NotConnected).into(),
            "GET /accounts/a/realtime/kit/b/webhooks got no answer from https://api.example: \
             connection refused",
        ),
        (
            after(5, refused(Method::PUT, 503)).stopped(interrupted),
            "PUT /accounts/a/realtime/kit/b/webhooks failed with 503 Service Unavailable: \
             some words, after 5 attempts; not retried: the operation was interrupted",
        ),
        (
            refused(Method::PUT, 503).stopped(wait),
            "PUT /accounts/a/realtime/kit/b/webhooks failed with 503 Service Unavailable: \
             some words, after 1 attempt; not retried: the next request is due in 120 s, after the \
             operation's timeout",
        ),
        (
            after(2, no_answer(Method::GET, NotConnected)).into(),
            "GET /accounts/a/realtime/kit/b/webhooks got no answer from https://api.example: \
             connection refused, after 2 attempts",
        ),
        (
            after(0, refused(Method::POST, 503)).stopped(interrupted),
            "POST /accounts/a/realtime/kit/b/webhooks was not sent: the operation was \
             interrupted",
        ),
    ];

    for (error, expected) in cases {
        let error: Error = error;
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn only_the_api_itself_can_say_that_a_webhook_is_not_there() {
    let code = |code: &str| Failure {
        codes: vec![code.to_owned()],
        ..response(404)
    };
    let foreign = Failure {
        from_api: false,
        ..response(404)
    };
    let cases = [
        (response(404), true),
        (code("404"), true),
        (code("7000"), false),
        (code("7003"), false),
        (foreign, false),
        (response(403), false),
        (response(410), false),
    ];

    for (response, expected) in cases {
        let error = Error::from(refused_with(Method::GET, response));

        assert_eq!(error.is_gone(), expected, "{error}");
    }
}

#[test]
fn a_missing_app_is_told_from_an_app_without_webhooks_by_the_message() {
    let cases = [
        ("App not found", true),
        ("NOT_FOUND: no such account", true),
        ("app_id is unknown", true),
        ("organization does not exist", true),
        ("No webhooks found for this app", false),
        ("Error: resource not found", false),
        ("not applicable", false),
        ("", false),
    ];

    for (message, expected) in cases {
        let message = message.to_owned();
        let response = Failure {
            message,
            ..response(404)
        };
        let error = Error::from(refused_with(Method::GET, response));

        assert_eq!(error.is_app_not_found(), expected, "{error}");
        assert_eq!(error.is_gone(), !expected, "{error}");
    }
}

#[test]
fn the_outcome_of_a_write_is_unknown_unless_the_api_cannot_have_acted() {
    let post = Method::POST;
    let cases = [
        (no_answer(post.clone(), Lost), true),
        (no_answer(post.clone(), Timeout), true),
        (no_answer(post.clone(), NotConnected), false),
        (unreadable(post.clone(), Unreadable), true),
        (unreadable(post.clone(), Timeout), true),
        (refused(post.clone(), 500), true),
        (refused(post.clone(), 504), true),
        (refused(post.clone(), 408), true),
        (refused(post.clone(), 409), false),
        (refused(post.clone(), 429), false),
        (refused(post, 200), false),
        (refused(Method::DELETE, 502), true),
        (no_answer(Method::GET, Lost), false),
        (unreadable(Method::GET, Unreadable), false),
        (refused(Method::GET, 500), false),
        (
            after_one_that_may_have_acted(no_answer(Method::PUT, NotConnected)),
            true,
        ),
        (
            after_one_that_may_have_acted(refused(Method::PUT, 409)),
            true,
        ),
    ];

    for (failed, expected) in cases {
        let error = Error::from(failed);
        assert_eq!(error.outcome_unknown(), expected, "{error}");
    }
    assert!(!not_sent(Method::PUT, RetryStopped::Timeout).outcome_unknown());
}

#[test]
fn what_kept_a_call_from_being_sent_is_known_from_every_failure() {
    let reason = RetryStopped::Timeout;
    let unread = Error::NotReadBack {
        call: Call::default(),
        id: "x".to_owned(),
        source: Box::new(not_sent(Method::GET, reason)),
    };
    let cases = [
        (not_sent(Method::GET, reason), Some(reason)),
        (refused(Method::GET, 503).stopped(reason), Some(reason)),
        (unread, Some(reason)),
        (refused(Method::GET, 503).into(), None),
    ];

    for (error, expected) in cases {
        assert_eq!(error.retry_stopped(), expected, "{error}");
    }
}

#[test]
fn a_wait_is_rounded_up_to_what_people_care_for() {
    let cases = [
        (0, "0.0 s"),
        (1, "0.1 s"),
        (500, "0.5 s"),
        (901, "1 s"),
        (1_001, "2 s"),
        (300_000, "300 s"),
    ];

    for (milliseconds, expected) in cases {
        assert_eq!(seconds(Duration::from_millis(milliseconds)), expected);
    }
    assert!(seconds(Duration::MAX).ends_with(" s"));
}
