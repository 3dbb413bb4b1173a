//! Makes what a server sent fit to be shown to people. Pure.

/// Longest quotation of a server, in characters.
const LONGEST_QUOTATION: usize = 300;
/// A page says what it is in its beginning; the rest is not looked at. In bytes.
const BEGINNING_OF_A_PAGE: usize = 64 * 1024;

/// One line of printable text of bounded length.
pub(super) fn one_line(words: &str) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in words.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        let separator = if line.is_empty() { "" } else { " " };
        for character in separator.chars().chain(word.chars()) {
            if length == LONGEST_QUOTATION {
                line.push('…');
                return line;
            }
            line.push(character);
            length += 1;
        }
    }
    line
}

/// Says what an answer is that is not JSON: completes the sentence "the answer is …".
///
/// A page is known by its title or first words. What looks like JSON is not quoted: it may be
/// half of somebody's webhook. What is quoted is not yet fit to be shown: see [`one_line`].
pub(super) fn describe_page(body: &[u8]) -> String {
    let beginning = &body[..body.len().min(BEGINNING_OF_A_PAGE)];
    let text = String::from_utf8_lossy(beginning);
    let text = text.trim_start();
    match text.chars().next() {
        None => "empty".to_owned(),
        Some('{' | '[' | '"') => "JSON that is malformed or breaks off".to_owned(),
        Some('<') => match title(text) {
            Some(title) => format!("a page with the title \"{title}\""),
            None => format!("a page that starts with \"{}\"", untagged(text).trim()),
        },
        Some(_) => format!("a text that starts with \"{text}\""),
    }
}

fn title(html: &str) -> Option<&str> {
    let lowercase = html.to_ascii_lowercase(); // keeps every byte offset
    let tag = lowercase.find("<title")?;
    let start = tag + lowercase[tag..].find('>')? + 1;
    let end = start + lowercase[start..].find("</title")?;
    Some(html[start..end].trim()).filter(|title| !title.is_empty())
}

fn untagged(html: &str) -> String {
    let texts = html
        .split('<')
        .filter_map(|tag_and_text| tag_and_text.split_once('>'))
        .map(|(_tag, text)| text);
    texts.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_line_has_no_line_break_and_no_control_character() {
        let line = one_line("  a\r\n\tb \u{1b}[31mc\0d  ");

        assert_eq!(line, "a b [31mc d");
    }

    #[test]
    fn one_line_is_cut_at_its_bound() {
        let line = one_line(&"ab ".repeat(1000));

        assert_eq!(line.chars().count(), LONGEST_QUOTATION + 1);
        assert!(line.ends_with('…'));
    }

    #[test]
    fn an_answer_that_is_no_json_is_known_by_its_title_or_first_words() {
        let cases = [
            ("", "empty"),
            (" \r\n", "empty"),
            (
                "<!DOCTYPE html>\n<head>\n<TITLE lang=en>\n 502 Bad\nGateway </Title>",
                "a page with the title \"502 Bad Gateway\"",
            ),
            (
                "<html><title></title><h1>Blocked</h1>by <b>policy</b>",
                "a page that starts with \"Blocked by policy\"",
            ),
            ("<title", "a page that starts with \"\""),
            ("upstream gone", "a text that starts with \"upstream gone\""),
        ];

        for (body, expected) in cases {
            let line = one_line(&describe_page(body.as_bytes()));

            assert_eq!(line, expected, "{body:?}");
        }
    }

    #[test]
    fn half_an_object_is_not_quoted() {
        for body in [r#" {"url":"https://user:pw"#, "[\"secret", "\"secret"] {
            let description = describe_page(body.as_bytes());

            assert_eq!(description, "JSON that is malformed or breaks off");
        }
    }

    proptest! {
        #[test]
        fn any_answer_is_described_in_one_bounded_line(
            body in "(<|>|<title|</TITLE>|[a-zé\n\u{1b}]){0,500}"
        ) {
            let line = one_line(&describe_page(body.as_bytes()));

            prop_assert!(line.chars().count() <= LONGEST_QUOTATION + 1);
            prop_assert!(!line.contains(char::is_control));
        }
    }
}
