fn main() {
    let verdicts =
        interloper::conformance::check(std::env::args().nth(1).unwrap().as_ref()).unwrap();
    let agree = verdicts.iter().filter(|v| v.difference.is_none()).count();
    for v in verdicts.iter().filter(|v| v.difference.is_some()).take(12) {
        let d = v.difference.as_ref().unwrap();
        println!("{}: {}\n   real {}\n   ours {}", v.path.display(), d.what, d.real, d.simulated);
    }
    println!("{agree} of {} agree", verdicts.len());
}
