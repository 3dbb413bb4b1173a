//! Numbers, ids, paths, URLs and settings.

use super::ID;

pub(super) fn inputs() -> Vec<Vec<u8>> {
    let numbers = [
        "0\n-0",
        "1\n1.0",
        "1e3\n1000",
        "-12.50\n5e-4",
        "12345678901234567890123\n1e2000",
    ];
    let ids = [format!("acc/app/{ID}"), format!("app/{ID}"), ID.to_owned()];
    let paths = [format!("acc\napp\n{ID}"), format!("a b%2e\n...\n{ID}")];
    let urls = [
        "https://Example.com\nhttps://example.com/\nhttps://example.com:443",
        "https://example.com/a/../b?q#f\nhttps://xn--bcher-kva.example/\nhttps://b\u{fc}cher.example",
        "mailto:a@b\nfile:///c:/x\nhttp://[::1]:80/%7Ea",
    ];
    let settings = [
        "https://api.example/v4/",
        "http://[::1]:8080/v4",
        "HTTPS://API.example:443//",
    ];
    let all = numbers.iter().map(|text| (0, (*text).to_owned()));
    let all = all.chain(ids.map(|text| (2, text)));
    let all = all.chain(paths.map(|text| (3, text)));
    let all = all.chain(urls.map(|text| (4, text.to_owned())));
    let all = all.chain(settings.map(|text| (5, text.to_owned())));
    let mut inputs: Vec<_> = all
        .map(|(kind, text)| [&[kind], text.as_bytes()].concat())
        .collect();
    for float in [0.1_f64, 5e-324, f64::MAX, -1.5] {
        inputs.push([&[1][..], &float.to_le_bytes()].concat());
    }
    inputs
}
