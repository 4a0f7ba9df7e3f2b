//! A campaign over a folder of targets: what it finds, what it leaves behind, what it goes on from.
//!
//! Never asks how fast anything is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use interloper::finding;
use interloper::report::Summary;

fn interloper(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interloper"));
    command.current_dir(folder).args(arguments).output().expect("it runs")
}

fn copy_target(name: &str, into: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../targets").join(name);
    let into = into.join(name);
    std::fs::create_dir_all(&into).expect("a folder");
    for entry in std::fs::read_dir(from).expect("it comes along") {
        let entry = entry.expect("it is there").path();
        let wanted = entry.extension().is_some_and(|e| e == "wasm" || e == "toml");
        if wanted {
            let name = entry.file_name().expect("a file has a name");
            std::fs::copy(&entry, into.join(name)).expect("it can be copied");
        }
    }
}

fn text(path: PathBuf) -> String {
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn summary(folder: &Path) -> Summary {
    serde_json::from_str(&text(folder.join("campaign/summary.json"))).expect("a summary")
}

#[test]
fn a_night_finds_what_there_is_and_the_next_one_goes_on_from_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let targets = folder.path().join("targets");
    copy_target("vault", &targets);
    copy_target("staking", &targets);
    std::fs::create_dir_all(targets.join("torn")).expect("a folder");
    std::fs::write(targets.join("torn/target.toml"), "name = \"torn\"\n").expect("written");

    let night = ["campaign", "targets", "--time", "7s", "--jobs", "3"];
    let output = interloper(folder.path(), &night);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let first = summary(folder.path());
    let broken: BTreeSet<_> =
        first.rows.iter().filter(|row| !row.findings.is_empty()).map(|row| &*row.target).collect();
    assert_eq!(broken, BTreeSet::from(["staking", "vault"]), "{first:#?}");
    let torn = first.rows.iter().find(|row| row.target == "torn").expect("it is told");
    assert!(torn.error.as_ref().is_some_and(|error| error.contains("account")), "{torn:?}");
    assert!(said.contains("torn: ended badly"), "{said}");
    assert!(!said.contains("\\u{a}"), "in one line: {said}");
    let vault = first.rows.iter().find(|row| row.target == "vault").expect("it is told");
    let windows = vault.tally.windows;
    assert!(windows.entered > 0 && windows.entered <= windows.seen, "{windows:?}");

    let out = folder.path().join("campaign");
    let kept = finding::read_all(&out.join("findings")).expect("all are whole");
    assert_eq!(kept.len(), first.fingerprints().len());
    for (file, part) in [
        ("summary.txt", "  windows  findings"),
        ("summary.html", "findings.html#f"),
        ("findings.html", "class=\"receipt"),
        ("findings.sarif", "\"version\": \"2.1.0\""),
        ("junit.xml", "<testsuite name=\"torn\""),
    ] {
        assert!(text(out.join(file)).contains(part), "{file} lacks {part}");
    }
    let corpus = std::fs::read_dir(out.join("corpus/vault")).expect("cases were kept").count();
    assert!(corpus > 3, "{corpus}");
    let left: Vec<_> =
        std::fs::read_dir(&out).expect("there").flatten().map(|e| e.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".s")), "{left:?}");

    let output = interloper(folder.path(), &["campaign", "targets", "--time", "3s", "--jobs", "2"]);
    assert_eq!(output.status.code(), Some(1));
    let second = summary(folder.path());
    assert_eq!(second.news(Some(&first)), 0, "nothing is news twice");
    assert!(second.next_seed > first.next_seed);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(shown.contains("0 new since the last campaign"), "{shown}");
}

#[test]
fn without_targets_there_is_nothing_to_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = interloper(folder.path(), &["campaign", ".", "--time", "1s"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("has no targets"));
}

#[test]
fn a_corpus_survives_a_changed_target_as_far_as_it_means_something() {
    let folder = tempfile::tempdir().expect("a folder");
    copy_target("vault", &folder.path().join("targets"));
    let run = |arguments: &[&str]| {
        let output = interloper(folder.path(), arguments);
        let said =
            [output.stdout, output.stderr].map(|part| String::from_utf8_lossy(&part).into_owned());
        (output.status.code(), said.concat())
    };
    let fuzz = ["fuzz", "vault", "--build", "fixed", "--runs", "150", "--corpus", "cases"];
    assert_eq!(run(&fuzz).0, Some(0));
    let count = || std::fs::read_dir(folder.path().join("cases")).expect("there").count();
    let all = count();
    assert!(all > 3, "{all}");
    let (code, said) = run(&["corpus", "check", "cases", "--target", "vault"]);
    assert_eq!(
        (code, said.contains(&format!("{all} of {all} cases fit"))),
        (Some(0), true),
        "{said}"
    );

    // Putting the same cases together adds nothing, and what is left of them shows as much.
    let (_, said) =
        run(&["corpus", "merge", "cases", "cases", "--target", "vault", "--build", "fixed"]);
    assert!(said.contains("0 added"), "{said}");
    let (code, said) =
        run(&["corpus", "minimise", "cases", "--target", "vault", "--build", "fixed"]);
    assert_eq!(code, Some(0), "{said}");
    let (_, again) = run(&["corpus", "minimise", "cases", "--target", "vault", "--build", "fixed"]);
    assert!(again.contains(": 0 taken away"), "{again}");

    // A case has one name, whatever form it had.
    let case = std::fs::read_dir(folder.path().join("cases")).expect("there").flatten().next();
    let case = case.expect("one is left").path();
    let case = case.to_str().expect("text");
    assert_eq!(run(&["corpus", "show", case, "--bytes", "bytes"]).0, Some(0));
    assert_eq!(run(&["corpus", "show", case]).1, run(&["corpus", "show", "bytes"]).1);

    // `withdraw` is now called `take`: what calls it means nothing any more.
    let file = folder.path().join("targets/vault/target.toml");
    let changed = text(file.clone()).replace("name = \"withdraw\"", "name = \"balance_of\"");
    std::fs::write(&file, changed).expect("written");
    let (code, said) = run(&["corpus", "check", "cases", "--target", "vault"]);
    assert_eq!(code, Some(0));
    assert!(said.contains("withdraw") && !said.contains(&format!(" {} of", count())), "{said}");
}
