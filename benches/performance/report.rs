//! Measures all, and writes the page.

use std::{
    fs,
    io::{Cursor, Write},
    process::Command,
    time::{Duration, Instant},
};

use http::{Method, StatusCode};
use realtimekit::{
    framework::server::ProviderServer,
    mock_api::{Fault, Matcher, MockApi},
    proto::tfplugin6::{get_provider_schema, provider_server::Provider as _},
    provider::RealtimeKit,
};
use tonic::Request;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{
    Error, PROVIDER, instructions,
    plot::Plot,
    start,
    table::{mebibytes, median, milliseconds, row, table},
    terraform::{self, BARE, Directory, OURS, Run},
};

/// Runs of each command.
const RUNS: usize = 3;
const SIZES: [usize; 6] = [1, 50, 100, 250, 500, 1_000];
const LATENCY: Duration = Duration::from_millis(50);

/// What was measured.
pub(crate) struct Report {
    pub(crate) text: String,
    plots: [(&'static str, String); 2],
}

impl Report {
    /// Writes `docs/performance.md` and its plots.
    pub(crate) fn write(&self) -> Result<(), Error> {
        let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");
        fs::create_dir_all(format!("{docs}/performance"))?;
        let page = include_str!("page.md").replace("{measured}", &self.text);
        fs::write(format!("{docs}/performance.md"), page)?;
        for (name, plot) in &self.plots {
            fs::write(format!("{docs}/performance/{name}.svg"), plot)?;
        }
        Ok(())
    }
}

pub(crate) fn measure() -> Result<Report, Error> {
    let mut rows = vec![row([
        "what",
        "measured",
        "beside it, in the same run",
        "target",
    ])];
    program(&mut rows)?;
    starts(&mut rows)?;
    first_schema(&mut rows)?;
    plan_of_one(&mut rows)?;
    plans_of_a_thousand(&mut rows)?;
    apply_of_a_thousand(&mut rows)?;
    ten_thousand(&mut rows)?;
    let plots = plots()?;
    let counted = match instructions::is_possible() {
        true => instructions::report()?,
        false => "Not counted: valgrind was not there.\n".to_owned(),
    };
    let text = format!(
        "{}\n\n{}\nInstructions of the provider's own work:\n\n{counted}",
        machine()?,
        table(&rows)
    );
    Ok(Report { text, plots })
}

/// When and on what this was measured.
fn machine() -> Result<String, Error> {
    let say = |program: &str, arguments: &[&str]| -> Result<String, Error> {
        let output = Command::new(program).args(arguments).output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text.lines().next().unwrap_or_default().trim().to_owned())
    };
    let information = fs::read_to_string("/proc/cpuinfo")?;
    let model = information
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("", |model| model.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism()?;
    let terraform = terraform::program()?;
    Ok(format!(
        "Measured on {} with {cores} × {model}, {}, {}. Medians of {RUNS} runs; of 10,000 webhooks, and what is beside them, one.",
        say("date", &["-u", "+%Y-%m-%d"])?,
        say("uname", &["-sm"])?,
        say(&terraform.to_string_lossy(), &["version"])?,
    ))
}

type Rows = Vec<Vec<String>>;

fn program(rows: &mut Rows) -> Result<(), Error> {
    let program = fs::read(PROVIDER)?;
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_level(Some(9));
    archive.start_file("provider", options)?;
    archive.write_all(&program)?;
    let zip = archive.finish()?.into_inner().len();
    let megabytes = |bytes: usize| format!("{:.2} MB", bytes as f64 / 1e6);
    rows.push(row(["program", &megabytes(program.len()), "", "4.2 MB"]));
    rows.push(row(["program, zipped", &megabytes(zip), "", "1.9 MB"]));
    Ok(())
}

fn starts(rows: &mut Rows) -> Result<(), Error> {
    let start = start::measure(50)?;
    rows.push(row([
        "start to handshake line",
        &milliseconds(start.handshake),
        &format!("`/bin/true`: {}", milliseconds(start.nothing)),
        &milliseconds(3 * start.nothing + Duration::from_micros(500)),
    ]));
    let resident = mebibytes(start.resident);
    rows.push(row([
        "resident after the handshake",
        &resident,
        "",
        "6 MiB",
    ]));
    Ok(())
}

/// Of a server that was just made: nothing is prepared.
fn first_schema(rows: &mut Rows) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut times = Vec::new();
    for _ in 0..50 {
        let start = Instant::now();
        let server = ProviderServer::new(RealtimeKit::default());
        let request = Request::new(get_provider_schema::Request {});
        let answer = runtime.block_on(server.get_provider_schema(request))?;
        assert!(!answer.into_inner().resource_schemas.is_empty());
        times.push(start.elapsed());
    }
    let time = milliseconds(median(times));
    rows.push(row(["GetProviderSchema, first call", &time, "", "1 ms"]));
    Ok(())
}

/// Plans of the same size.
struct Plans {
    ours: Run,
    /// Of a plugin that does nothing, with as many attributes.
    alike: Run,
    /// Of the same plugin, with two attributes.
    bare: Run,
    /// Of `terraform_data`.
    floor: Run,
}

impl Plans {
    /// Plans of so many webhooks that are there, in turn with what is beside them.
    fn run(count: usize, latency: Duration) -> Result<Self, Error> {
        let api = terraform::api(latency)?;
        let unused = terraform::api(Duration::ZERO)?; // its webhooks are in the bare plugin's state
        let directories = [
            terraform::floor(count)?,
            terraform::bare(count)?,
            terraform::webhooks(&BARE, &unused, count, true)?,
            terraform::webhooks(&OURS, &api, count, true)?,
        ];
        let mut runs = [const { Vec::new() }; 4];
        for _ in 0..RUNS {
            for (runs, directory) in runs.iter_mut().zip(&directories) {
                runs.push(directory.plan(Some(&api))?);
            }
        }
        let [floor, bare, alike, ours] = runs.map(middle);
        Ok(Self {
            ours,
            alike,
            bare,
            floor,
        })
    }

    /// A time of the plugin that does nothing: both of its plans.
    fn plugins(&self, time: impl Fn(&Run) -> Duration) -> String {
        format!(
            "bare plugin: {}, with a webhook's attributes: {}",
            milliseconds(time(&self.bare)),
            milliseconds(time(&self.alike)),
        )
    }

    /// A time of all that is beside ours.
    fn beside(&self, time: impl Fn(&Run) -> Duration) -> String {
        format!(
            "`terraform_data`: {}; {}",
            milliseconds(time(&self.floor)),
            self.plugins(time),
        )
    }
}

/// The run whose time is in the middle.
fn middle(mut runs: Vec<Run>) -> Run {
    runs.sort_unstable_by_key(|run| run.wall);
    runs[runs.len() / 2]
}

fn plan_of_one(rows: &mut Rows) -> Result<(), Error> {
    let plans = Plans::run(1, Duration::ZERO)?;
    rows.push(row([
        "plan of one webhook",
        &milliseconds(plans.ours.wall),
        &plans.beside(|run| run.wall),
        &milliseconds(plans.floor.wall.mul_f64(1.3) + Duration::from_millis(60)),
    ]));
    Ok(())
}

fn plans_of_a_thousand(rows: &mut Rows) -> Result<(), Error> {
    for latency in [50, 250].map(Duration::from_millis) {
        let plans = Plans::run(1_000, latency)?;
        let Plans { ours, floor, .. } = &plans;
        rows.push(row([
            &format!("plan of 1,000 webhooks, API {latency:?} away"),
            &milliseconds(ours.wall),
            &plans.beside(|run| run.wall),
            &milliseconds(floor.wall.mul_f64(1.15) + 2 * latency),
        ]));
        rows.push(row(["… its requests", &ours.requests.to_string(), "", "1"]));
        rows.push(row([
            "… Terraform's own CPU time",
            &milliseconds(ours.terraform),
            &plans.beside(|run| run.terraform),
            "",
        ]));
        rows.push(row([
            "… its provider's CPU time",
            &milliseconds(ours.provider.cpu),
            &plans.plugins(|run| run.provider.cpu),
            &milliseconds(ours.terraform.mul_f64(0.05)),
        ]));
        let peak = mebibytes(ours.provider.peak);
        rows.push(row(["… its provider's peak memory", &peak, "", "9 MiB"]));
    }
    Ok(())
}

fn apply_of_a_thousand(rows: &mut Rows) -> Result<(), Error> {
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let api = terraform::api(Duration::ZERO)?;
        runs.push(terraform::webhooks(&OURS, &api, 1_000, false)?.apply(Some(&api))?);
    }
    let run = middle(runs);
    rows.push(row([
        "apply of 1,000 new webhooks, instant API",
        &milliseconds(run.wall),
        &format!("{} requests", run.requests),
        "",
    ]));
    rows.push(row([
        "… its provider's CPU time",
        &milliseconds(run.provider.cpu),
        &format!("Terraform: {}", milliseconds(run.terraform)),
        "",
    ]));
    let peak = mebibytes(run.provider.peak);
    rows.push(row(["… its provider's peak memory", &peak, "", "9 MiB"]));
    Ok(())
}

fn ten_thousand(rows: &mut Rows) -> Result<(), Error> {
    growth(
        rows,
        "plan of a data source with 10,000 webhooks",
        terraform::list,
    )?;
    growth(
        rows,
        "plan of 10,000 webhooks in one app, ten blocks",
        |api, count| terraform::webhooks(&OURS, api, count, true),
    )
}

/// A plan of 10,000 beside one of 1,000, of which the provider may take eleven times as much.
/// One run of each: the large one takes long.
fn growth(
    rows: &mut Rows,
    what: &str,
    prepare: impl Fn(&MockApi, usize) -> Result<Directory, Error>,
) -> Result<(), Error> {
    let plan = |count| {
        let api = terraform::api(Duration::ZERO)?;
        prepare(&api, count)?.plan(Some(&api))
    };
    let [small, large] = [plan(1_000)?, plan(10_000)?];
    let mut push = |what, large: String, small: String, target: &str| {
        rows.push(row([what, &large, &format!("1,000: {small}"), target]));
    };
    push(what, milliseconds(large.wall), milliseconds(small.wall), "");
    push(
        "… its requests",
        large.requests.to_string(),
        small.requests.to_string(),
        "1",
    );
    push(
        "… Terraform's own CPU time",
        milliseconds(large.terraform),
        milliseconds(small.terraform),
        "",
    );
    push(
        "… its provider's CPU time",
        milliseconds(large.provider.cpu),
        milliseconds(small.provider.cpu),
        &milliseconds(11 * small.provider.cpu),
    );
    push(
        "… its provider's peak memory",
        mebibytes(large.provider.peak),
        mebibytes(small.provider.peak),
        &mebibytes(11 * small.provider.peak),
    );
    Ok(())
}

/// Time and requests of plans of many sizes, as they are and with one GET for each webhook.
fn plots() -> Result<[(&'static str, String); 2], Error> {
    let mut times = [Vec::new(), Vec::new()];
    let mut requests = [Vec::new(), Vec::new()];
    for size in SIZES {
        for (way, runs) in [one_get_each(size)?, one_list(size)?]
            .into_iter()
            .enumerate()
        {
            times[way].push(runs.wall.as_secs_f64());
            requests[way].push(runs.requests as f64);
        }
    }
    let names = ["one GET for each webhook", "as it is"];
    let plot = |title, unit, values| {
        Plot {
            title,
            unit,
            names,
            sizes: &SIZES,
            values,
        }
        .svg()
    };
    Ok([
        (
            "time",
            plot("Time of a plan, API 50 ms away", "seconds", times),
        ),
        ("requests", plot("Requests of a plan", "requests", requests)),
    ])
}

fn one_list(count: usize) -> Result<Run, Error> {
    let api = terraform::api(LATENCY)?;
    terraform::webhooks(&OURS, &api, count, true)?.plan(Some(&api))
}

/// The list is refused, so each webhook is asked for by its identifier.
fn one_get_each(count: usize) -> Result<Run, Error> {
    let api = MockApi::start()?;
    let list = Matcher::method(Method::GET).path_suffix("/webhooks");
    api.fail(list, usize::MAX, Fault::html(StatusCode::NOT_FOUND));
    api.fail(Matcher::any(), usize::MAX, Fault::delay(LATENCY));
    terraform::webhooks(&OURS, &api, count, true)?.plan(Some(&api))
}
