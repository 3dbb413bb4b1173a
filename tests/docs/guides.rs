//! The guides: `examples/guides/NAME.md.tmpl` with the files that it names in their places.
//!
//! A guide shows code only from files (`{{tffile "…"}}`, `{{codefile "language" "…"}}`, as in
//! `terraform-plugin-docs`), and tests run those files. What is output is `text`.

use std::collections::BTreeSet;

use crate::{between, files, is_sentence, read};

const DIRECTORY: &str = "examples/guides";
const INDEX: &str = "examples/provider/index.md.tmpl";
const MADE_BY: &str =
    "made by `UPDATE_DOCS=1 cargo test --test docs` from examples/guides: edit that";

/// Where whoever never saw the provider begins, and what they need later.
const ORDER: [&str; 7] = [
    "getting-started",
    "importing-existing-webhooks",
    "renaming-and-reordering-webhooks",
    "receiving-deliveries",
    "testing-your-modules",
    "rate-limits-and-large-deployments",
    "troubleshooting",
];

#[test]
fn every_file_for_guides_is_shown_by_one_and_run_by_a_test() {
    let all = files(DIRECTORY).into_iter();
    let (templates, shown): (BTreeSet<_>, _) = all.partition(|path| path.ends_with(".tmpl"));
    let expected = ORDER.map(|name| format!("{DIRECTORY}/{name}.md.tmpl"));
    assert_eq!(templates, expected.into(), "ORDER in tests/docs/guides.rs");

    let guides: String = ORDER.map(template).concat();
    let suites = ["acceptance", "examples", "terraform_1_14", "receivers"];
    let tests = suites
        .map(|suite| files(&format!("tests/{suite}")))
        .concat();
    let tests: String = tests.iter().map(|path| read(path)).collect();
    for path in shown {
        assert!(
            guides.contains(&format!("\"{path}\"")),
            "{path} is not shown"
        );
        let name = path.trim_start_matches("examples/guides/");
        assert!(tests.contains(name), "{path} is not run");
    }
}

#[test]
fn guide_says_in_a_sentence_what_it_is_about_and_shows_code_of_files_only() {
    for name in ORDER {
        let template = template(name);
        let (title, description) = about(&template);

        assert!(is_sentence(description), "{name}");
        assert!(template.contains(&format!("\n# {title}\n")), "{name}");
        assert!(template.contains("\nsubcategory: \"\"\n"), "{name}");
        let fences = template.lines().filter(|line| line.starts_with("```"));
        for opening in fences.step_by(2) {
            assert_eq!(opening, "```text", "{name}: move it to examples/");
        }
    }
}

/// The guides as they should be, by path.
pub(crate) fn pages() -> Vec<(String, String)> {
    let pages = ORDER.map(|name| {
        let text = template(name).replacen("---\n", &format!("---\n# {MADE_BY}\n"), 1);
        (format!("docs/guides/{name}.md"), filled(&text))
    });
    pages.into()
}

/// The page of the provider: front matter and schema as generated, between them the text of the
/// template with the list of guides.
#[track_caller]
pub(crate) fn index(generated: &str) -> String {
    let list = ORDER.map(|name| {
        let template = template(name);
        let (title, description) = about(&template);
        format!("- [{title}](guides/{name}.md): {description}\n")
    });
    let text = read(INDEX).replace("{{guides}}\n", &list.concat());
    let text = filled(&text);
    let title = "\n# realtimekit Provider\n\n";
    let front_matter = between(generated, "", title);
    let (_, schema) = generated.split_once("<!-- made by").unwrap();
    format!("{front_matter}{title}{text}\n<!-- made by{schema}")
}

fn template(name: &str) -> String {
    read(&format!("{DIRECTORY}/{name}.md.tmpl"))
}

/// The title of a guide, and the sentence about it.
#[track_caller]
fn about(template: &str) -> (&str, &str) {
    let title = between(template, "page_title: \"", "\"");
    (title, between(template, "description: |-\n  ", "\n---"))
}

/// The template with the files that it names in their places.
#[track_caller]
fn filled(template: &str) -> String {
    let lines = template.lines().map(|line| {
        let (language, path) = match line.split('"').collect::<Vec<_>>()[..] {
            ["{{tffile ", path, "}}"] => ("terraform", path),
            ["{{codefile ", language, " ", path, "}}"] => (language, path),
            _ if line.starts_with("{{") => panic!("{line}"),
            _ => return format!("{line}\n"),
        };
        format!("```{language}\n{}\n```\n", read(path).trim_end())
    });
    lines.collect()
}
