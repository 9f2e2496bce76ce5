//! Sees to it that no process is left, however the test program ends: also by a signal that nobody can catch.
//!
//! A small shell waits at the end of a pipe that only the test program holds. When that program is gone, the shell
//! stops what it was told to stop, and removes the folder that it was told to remove.
//!
//! **Invariant:** stops only processes that it was told of by their ids.

use std::{
    io::Write,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

const SCRIPT: &str = r#"
ids=
while read -r id; do ids="$ids $id"; done
if [ -n "$ids" ]; then
  kill $ids 2>/dev/null
  for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 $ids 2>/dev/null || break; sleep 0.1; done
  kill -9 $ids 2>/dev/null
fi
for _ in 1 2 3 4 5; do rm -rf -- "$1" && break; sleep 0.2; done
"#;

/// Stops processes when it is dropped, or when this program ends.
#[derive(Debug)]
pub struct Guard {
    shell: Child,
    pipe: Option<ChildStdin>,
    folder: PathBuf,
}

impl Guard {
    /// With a new, empty folder for whatever is guarded.
    ///
    /// # Panics
    /// When there is no shell, or no folder can be made.
    pub fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = format!("throughline-{name}-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "guard"]).arg(&folder);
        // In a group of its own, else Ctrl-C would end the guard together with the guarded.
        let shell = shell.stdin(Stdio::piped()).process_group(0);
        let mut shell = shell.spawn().expect("sh");
        let pipe = shell.stdin.take();
        Self {
            shell,
            pipe,
            folder,
        }
    }

    /// The folder, which goes when the guard does.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Stops this process, too.
    pub fn watch(&mut self, id: u64) {
        if let Some(pipe) = &mut self.pipe {
            writeln!(pipe, "{id}").ok();
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // The shell sees the end of its input.
        self.pipe = None;
        self.shell.wait().ok();
    }
}
