//! Links lead to files and anchors that exist. Other sites are not asked.

use std::collections::BTreeSet;
use std::fs;

use crate::{files, read, root};

/// Where this repository is shown: such a link leads to a file too.
const REPOSITORY: &str = "https://github.com/realtimekit/terraform-provider-realtimekit/";

#[test]
fn every_link_leads_somewhere() {
    let broken: Vec<String> = texts()
        .into_iter()
        .flat_map(|path| {
            let links = links(&read(&path).unwrap());
            let broken = links
                .into_iter()
                .filter(|link| !leads_somewhere(&path, link));
            broken
                .map(|link| format!("{path}: {link}"))
                .collect::<Vec<_>>()
        })
        .collect();

    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn a_guide_links_to_no_file_beside_the_pages() {
    let strays: Vec<String> = files("docs/guides")
        .into_iter()
        .flat_map(|path| {
            let links = links(&read(&path).unwrap()).into_iter();
            let strays = links.filter(|link| link.starts_with("../../"));
            strays
                .map(|link| format!("{path}: {link}"))
                .collect::<Vec<_>>()
        })
        .collect();

    assert!(
        strays.is_empty(),
        "the Registry shows docs/ alone, so link to {REPOSITORY}blob/main/…: {strays:#?}"
    );
}

/// Everything that is written for people.
fn texts() -> Vec<String> {
    let examples = files("examples").into_iter();
    files("docs")
        .into_iter()
        .chain(examples.filter(|path| path.ends_with(".md")))
        .chain(["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].map(str::to_owned))
        .collect()
}

/// The targets of links, `[text](target)` and `[name]: target`, code left out.
fn links(markdown: &str) -> Vec<String> {
    let outside_code: String = markdown.split("```").step_by(2).collect();
    let inline = outside_code
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target);
    let definitions = outside_code
        .lines()
        .filter(|line| line.starts_with('['))
        .filter_map(|line| line.split_once("]: "))
        .map(|(_, target)| target);
    inline.chain(definitions).map(str::to_owned).collect()
}

/// Whether a link in the file at `path` leads to a file and an anchor in it.
fn leads_somewhere(path: &str, link: &str) -> bool {
    let (base, link) = match link.strip_prefix(REPOSITORY) {
        Some(rest) => {
            let shown = ["blob/main/", "tree/main/"];
            match shown.iter().find_map(|shown| rest.strip_prefix(shown)) {
                Some(file) => (root().to_owned(), file),
                None => return true,
            }
        }
        None if link.starts_with("https://") => return true,
        None => (root().join(path).parent().unwrap().to_owned(), link),
    };
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match file {
        "" => root().join(path),
        file => base.join(file),
    };
    match anchor {
        "" => target.exists(),
        anchor => fs::read_to_string(target).is_ok_and(|text| anchors(&text).contains(anchor)),
    }
}

fn anchors(markdown: &str) -> BTreeSet<String> {
    let outside_code: String = markdown.split("```").step_by(2).collect();
    let headings = outside_code
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| slug(line.trim_start_matches('#').trim()));
    let ids = markdown
        .split("<a id=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(id, _)| id.to_owned());
    headings.chain(ids).collect()
}

/// As sites that show Markdown make an anchor of a heading.
fn slug(heading: &str) -> String {
    heading
        .to_lowercase()
        .replace(' ', "-")
        .replace(|c: char| !c.is_alphanumeric() && !"-_".contains(c), "")
}
