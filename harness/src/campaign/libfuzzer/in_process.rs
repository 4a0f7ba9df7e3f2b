//! libFuzzer inside this process, on a thread of its own: it chooses the cases, the campaign runs them.
//!
//! Never runs a case on libFuzzer's thread, which only hands bytes over and waits: two messages for each
//! case. So a campaign stops when it wants to, and everything else is as it is without libFuzzer.

use std::ffi::{CString, c_char, c_int};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, OnceLock};
use std::thread;

use super::guide::MutatorBridge;
use super::{CoverageCounters, lock, put};
use crate::campaign::search::feedback::counters;
use crate::campaign::search::{InputScheduler, NextInput};
use crate::scenario::Scenario;
use crate::targets::Target;
use crate::types::Seed;
use crate::vm::coverage::Coverage;

/// Longest case in bytes. Those of four operations have a few hundred.
const LONGEST: usize = 1 << 16;

/// How libFuzzer runs: without end, silently, and with every signal left to those whose it is, since
/// contracts that trap do so by signals.
const FLAGS: &[&str] = &[
    "-runs=-1",
    "-timeout=0",
    "-rss_limit_mb=0",
    "-detect_leaks=0",
    "-verbosity=0",
    "-print_funcs=0",
    "-report_slow_units=1000000",
    "-handle_abrt=0",
    "-handle_bus=0",
    "-handle_fpe=0",
    "-handle_ill=0",
    "-handle_int=0",
    "-handle_segv=0",
    "-handle_term=0",
    "-handle_trap=0",
    "-handle_usr1=0",
    "-handle_usr2=0",
    "-handle_xfsz=0",
];

#[expect(unsafe_code, reason = "libFuzzer as a library")]
unsafe extern "C" {
    fn LLVMFuzzerRunDriver(
        count: *mut c_int,
        arguments: *mut *mut *mut c_char,
        callback: extern "C" fn(*const u8, usize) -> c_int,
    ) -> c_int;
}

/// What libFuzzer's thread asks for. Each is answered once.
enum Request {
    /// Another case, made from this one, with at most so many bytes.
    Change(Vec<u8>, usize),
    /// Let this case run. The answer is empty.
    Run(Vec<u8>),
}

/// The other end of both channels, for libFuzzer's callbacks, which are plain functions.
struct Line {
    requests: Sender<Request>,
    answers: Mutex<Receiver<Vec<u8>>>,
}

static LINE: OnceLock<Line> = OnceLock::new();

impl Line {
    /// Waits for the answer; without end where nobody is there any more. libFuzzer must not go on then,
    /// and must not end either: it would end the process.
    fn ask(&self, request: Request) -> Vec<u8> {
        let sent = self.requests.send(request).ok();
        let answer = sent.and_then(|()| lock(&self.answers).recv().ok());
        answer.unwrap_or_else(|| {
            loop {
                thread::park();
            }
        })
    }
}

/// A search of which libFuzzer decides what is new, and which case is changed.
pub(in crate::campaign) struct InProcess {
    pub(in crate::campaign) guide: MutatorBridge,
    pub(in crate::campaign) profiles_values: bool,
    requests: Receiver<Request>,
    answers: Sender<Vec<u8>>,
    /// Whether libFuzzer waits for a case to have run.
    owes: bool,
}

impl InProcess {
    /// Starts libFuzzer. None where it ran before in this process: it keeps what it learnt in places of
    /// its own that nobody can clear.
    pub(in crate::campaign) fn start(
        scheduler: InputScheduler,
        seed: Seed,
        coverage: &Coverage,
        profiles_values: bool,
    ) -> Option<Self> {
        let counters = CoverageCounters::open(counters(coverage))?;
        let (requests, asked) = channel();
        let (answers, answered) = channel();
        LINE.set(Line { requests, answers: Mutex::new(answered) }).ok()?;
        let flags = flags(seed, profiles_values);
        thread::Builder::new().name("libfuzzer".to_owned()).spawn(move || drive(flags)).ok()?;
        let guide = MutatorBridge::new(scheduler, Some(counters));
        Some(Self { guide, profiles_values, requests: asked, answers, owes: false })
    }

    /// The next case. The one before has been learnt from.
    pub(in crate::campaign) fn next(&mut self, target: &Target) -> NextInput {
        loop {
            match self.listen() {
                Some(Request::Change(parent, longest)) => {
                    let changed = self.guide.change(&parent, longest, target);
                    self.answer(changed);
                }
                Some(Request::Run(bytes)) => {
                    self.owes = true;
                    return self.guide.case(&bytes, target);
                }
                None => panic!("libFuzzer's thread has ended"),
            }
        }
    }

    /// A case that somebody wants to be run, as the next one or soon.
    pub(in crate::campaign) fn given(&mut self, scenario: Scenario, target: &Target) -> NextInput {
        self.guide.give(scenario);
        self.next(target)
    }

    fn listen(&mut self) -> Option<Request> {
        if std::mem::take(&mut self.owes) {
            self.answer(Vec::new());
        }
        self.requests.recv().ok()
    }

    fn answer(&self, answer: Vec<u8>) {
        // Where nobody listens, `listen` will tell.
        let _ = self.answers.send(answer);
    }
}

impl Drop for InProcess {
    /// Leaves libFuzzer where it asks for a change: while it waits for a case, it takes the end of the
    /// process for a crash.
    fn drop(&mut self) {
        while let Some(Request::Run(_)) = self.listen() {
            self.owes = true;
        }
    }
}

fn flags(seed: Seed, profiles_values: bool) -> Vec<CString> {
    let own = [
        "interloper".to_owned(),
        // Zero would mean the time of day.
        format!("-seed={}", seed.0 % u64::from(u32::MAX) + 1),
        format!("-max_len={LONGEST}"),
        format!("-use_value_profile={}", u8::from(profiles_values)),
    ];
    let all = own.into_iter().chain(FLAGS.iter().map(|&flag| flag.to_owned()));
    all.map(|flag| CString::new(flag).expect("there are no zeros in flags")).collect()
}

/// Runs libFuzzer, which never comes back.
#[expect(unsafe_code, reason = "see SAFETY")]
fn drive(flags: Vec<CString>) {
    let mut count = c_int::try_from(flags.len()).expect("few flags");
    let mut arguments: Vec<*mut c_char> = flags.into_iter().map(CString::into_raw).collect();
    arguments.push(std::ptr::null_mut());
    let mut arguments = arguments.leak().as_mut_ptr();
    // SAFETY: `arguments` are `count` texts that end with zero, and a null pointer after them, all of
    // them leaked. `count` and `arguments` live until libFuzzer ends. `run` unwinds nowhere: it only
    // waits on channels, and a panic in an `extern "C"` function ends the process.
    unsafe { LLVMFuzzerRunDriver(&raw mut count, &raw mut arguments, run) };
}

/// libFuzzer's callback.
#[expect(unsafe_code, reason = "see SAFETY")]
extern "C" fn run(data: *const u8, size: usize) -> c_int {
    // SAFETY: libFuzzer passes `size` bytes that stay as they are until this returns. Where there are
    // none it may pass any pointer.
    let bytes = if size == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, size) } };
    if let Some(line) = LINE.get() {
        line.ask(Request::Run(bytes.to_vec()));
    }
    0
}

/// libFuzzer's custom mutator, for `main`: the case in `data` has `size` bytes and is changed in place,
/// to at most `data.len()`. Returns how many it has then.
pub fn change(data: &mut [u8], size: usize) -> usize {
    let Some(line) = LINE.get() else { return size };
    let changed = line.ask(Request::Change(data[..size].to_vec(), data.len()));
    put(data, &changed)
}
