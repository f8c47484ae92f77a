//! A person's own program that gives a secret out or takes one, such as a password manager's command line.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use zeroize::Zeroizing;

use crate::app::event::{Failure, Phase};
use crate::secret::{LONGEST, Secret};

/// How long it may take; it may ask for a fingerprint.
const PATIENCE: Duration = Duration::from_secs(30);

/// Opens an address in the browser, with the first of the system's own ways that works. It does not see the variables that
/// are hidden, and outlives us.
pub fn browse(address: &str, hidden: &[String]) {
    for mut way in open::commands(address) {
        for name in hidden {
            way.env_remove(name);
        }
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut way, 0);
        let ran = way.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if ran.is_ok_and(|status| status.success()) {
            return;
        }
    }
}

/// Starts this program anew against the embedded imitation, in its own place. Only a failure comes back.
#[cfg(unix)]
#[must_use]
pub fn enter_sandbox() -> std::io::Error {
    let own = match std::env::current_exe() {
        Ok(own) => own,
        Err(error) => return error,
    };
    let arguments = std::env::args_os().skip(1).chain(["--sandbox".into()]);
    std::os::unix::process::CommandExt::exec(std::process::Command::new(own).args(arguments))
}

/// Where no program can take the place of another it is started by hand.
#[cfg(not(unix))]
#[must_use]
pub fn enter_sandbox() -> std::io::Error {
    std::io::ErrorKind::Unsupported.into()
}

/// Runs a program, without a shell, and takes what it prints, trimmed. It does not see the variables that are hidden.
///
/// # Errors
/// A sentence that names the program and never what it printed.
pub async fn read(command: &[String], hidden: &[String]) -> Result<Secret, Failure> {
    let (name, printed) = run(command, None, hidden).await?;
    let text =
        std::str::from_utf8(&printed).map_err(|_| failure(format!("{name} printed something that is no text.")))?;
    let text = text.trim();
    // `pass` and its like print the secret first and what belongs to it below.
    let text = if text.starts_with('{') { text } else { text.lines().next().unwrap_or_default().trim_end() };
    if text.is_empty() {
        return Err(failure(format!("{name} printed nothing: it is to print the credential.")));
    }
    Ok(Secret::new(text.to_owned()))
}

/// Runs a program, without a shell, and gives it a secret on its standard input. It does not see the variables that are
/// hidden.
///
/// # Errors
/// A sentence that names the program.
pub async fn write(command: &[String], secret: &Secret, hidden: &[String]) -> Result<(), Failure> {
    run(command, Some(secret), hidden).await.map(|_| ())
}

/// The end of a pipe that is written, and how much stands in it.
#[cfg(unix)]
type Filled = Option<(tokio::net::unix::pipe::Sender, usize)>;
#[cfg(not(unix))]
type Filled = Option<()>;

/// A standard input that holds the secret before anybody reads: a program that saves what it reads until the end must not
/// take the end of a killed pleoscope for the end of the secret.
#[cfg(unix)]
async fn feed(secret: &Secret) -> std::io::Result<(Stdio, Filled)> {
    let (reader, writer) = std::io::pipe()?;
    let sender = tokio::net::unix::pipe::Sender::from_owned_fd(writer.into())?;
    sender.writable().await?;
    // A pipe has room for far more than a secret has, where the system is not short of memory.
    let count = sender.try_write(secret.expose().as_bytes())?;
    Ok((reader.into(), Some((sender, count))))
}

#[cfg(not(unix))]
async fn feed(_: &Secret) -> std::io::Result<(Stdio, Filled)> {
    Ok((Stdio::piped(), None))
}

/// Writes what is still to be written, and ends it.
#[cfg(unix)]
async fn finish(secret: &Secret, filled: Filled, _: Option<tokio::process::ChildStdin>) -> std::io::Result<()> {
    if let Some((mut sender, count)) = filled {
        sender.write_all(secret.expose().as_bytes().get(count..).unwrap_or_default()).await?;
    }
    Ok(())
}

#[cfg(not(unix))]
async fn finish(secret: &Secret, _: Filled, stdin: Option<tokio::process::ChildStdin>) -> std::io::Result<()> {
    if let Some(mut stdin) = stdin {
        stdin.write_all(secret.expose().as_bytes()).await?;
        stdin.shutdown().await?;
    }
    Ok(())
}

async fn run(
    command: &[String],
    input: Option<&Secret>,
    hidden: &[String],
) -> Result<(String, Zeroizing<Vec<u8>>), Failure> {
    let [program, arguments @ ..] = command else {
        return Err(failure("No command is given.".to_owned()));
    };
    let name = format!("The command {program}");
    let broke = |error: std::io::Error| failure(format!("{name} broke off: {error}."));
    let (stdin, filled) = match input {
        Some(secret) => feed(secret).await.map_err(broke)?,
        None => (Stdio::null(), None),
    };
    let mut command = Command::new(program);
    for name in hidden {
        command.env_remove(name);
    }
    let mut child = command
        .args(arguments)
        .stdin(stdin)
        .stdout(Stdio::piped())
        // What it says is for a terminal that is ours now, and may hold anything.
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failure(format!("{name} cannot be run: {error}.")))?;
    // It holds the end that is read, which is the program's alone now.
    drop(command);
    let work = async {
        if let Some(secret) = input {
            finish(secret, filled, child.stdin.take()).await?;
        }
        let mut printed = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
        if let Some(stdout) = child.stdout.take() {
            stdout.take(LONGEST as u64 + 1).read_to_end(&mut printed).await?;
        }
        Ok::<_, std::io::Error>((child.wait().await?, printed))
    };
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok((status, _))) if !status.success() => {
            Err(failure(format!("{name} did not succeed ({status}): run it yourself to see what it says.")))
        }
        Ok(Ok((_, printed))) if printed.len() > LONGEST => {
            Err(failure(format!("{name} printed more than any credential has.")))
        }
        Ok(Ok((_, printed))) => Ok((name, printed)),
        Ok(Err(error)) => Err(broke(error)),
        Err(_) => Err(failure(format!("{name} was not done within {} seconds.", PATIENCE.as_secs()))),
    }
}

fn failure(sentence: String) -> Failure {
    Failure { phase: Phase::Setup, sentence }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn what_it_prints_is_trimmed_and_it_sees_no_shell() {
        let secret = read(&words("printf \\n%s\\n $HOME;x"), &[]).await.expect("a secret");
        assert!(secret.is_text("$HOME;x"));
    }

    #[tokio::test]
    async fn what_fails_is_a_sentence_without_what_was_printed() {
        for (command, word) in
            [("false", "did not succeed"), ("true", "printed nothing"), ("/no/such/program", "cannot be run")]
        {
            let sentence = read(&words(command), &[]).await.expect_err("a failure").sentence;
            assert!(sentence.contains(word), "{sentence}");
        }
        let sentence =
            read(&["sh".into(), "-c".into(), "echo CNRY-secret; exit 3".into()], &[]).await.expect_err("a failure");
        assert!(!sentence.sentence.contains("CNRY"));
        assert!(
            read(&words("head -c 20000 /dev/zero"), &[]).await.expect_err("too much").sentence.contains("more than")
        );
    }
}
