//! The cached data directory: `initdb` takes half a second, copying what it made a twentieth.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::cluster::{Binaries, SUPERUSER};
use super::locale;
use crate::target::placeholder::Values;
use crate::world::error::WorldError;
use crate::world::process::LOOK;
use crate::world::program::finish;
use crate::world::secret;

/// How long `initdb` may take, and how long the run that makes the directory is waited for.
const INITDB: Duration = Duration::from_mins(2);

/// An initialised data directory and its superuser's password.
#[derive(Debug)]
pub struct Initialised {
    /// The directory; never started.
    pub data: PathBuf,
    /// The password.
    pub password: String,
}

/// The directory for these binaries and this locale, made now where there is none yet. Runs that come together wait for the
/// one that makes it.
pub async fn initialised(
    binaries: &Binaries,
    locale: Option<&str>,
) -> Result<Initialised, WorldError> {
    let root = root();
    make_private(&root)?;
    let name = name(binaries, locale)?;
    let lock_path = root.join(format!("{name}.lock"));
    let lock = File::create(&lock_path).map_err(WorldError::file("make", &lock_path))?;
    let begun = Instant::now();
    while let Err(error) = lock.try_lock() {
        if begun.elapsed() > INITDB {
            return Err(WorldError::file("lock", lock_path)(error.into()));
        }
        tokio::time::sleep(LOOK).await;
    }
    let home = root.join(&name);
    let (data, password) = (home.join("data"), home.join("password"));
    if !password.exists() {
        make(binaries, locale, &home).await?;
    }
    let password = fs::read_to_string(&password).map_err(WorldError::file("read", password))?;
    Ok(Initialised { data, password })
}

/// Where caches of this user are kept.
fn root() -> PathBuf {
    let home = std::env::var_os("XDG_CACHE_HOME")
        .or_else(|| std::env::var_os("HOME").map(|h| Path::new(&h).join(".cache").into()));
    match home {
        Some(home) if !home.is_empty() => PathBuf::from(home).join("partywall"),
        _ => std::env::temp_dir().join(format!("partywall-cache-{}", nix::unistd::getuid())),
    }
}

/// Where downloaded binaries of a major version are kept: readable for the user that runs them, unlike our home where we are
/// root.
#[cfg(feature = "download")]
pub fn binaries(major: u32) -> Result<PathBuf, WorldError> {
    let base = if nix::unistd::geteuid().is_root() {
        PathBuf::from("/var/cache/partywall")
    } else {
        root()
    };
    let path = base.join(format!("postgresql-{major}"));
    fs::create_dir_all(&path).map_err(WorldError::file("make the folder", &path))?;
    Ok(path)
}

fn make_private(path: &Path) -> Result<(), WorldError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(WorldError::file("make the folder", path))
}

/// Differs by binaries and their version, and by a locale that is asked for: a data directory serves one of each alone.
fn name(binaries: &Binaries, locale: Option<&str>) -> Result<String, WorldError> {
    let program = binaries.dir.join("initdb");
    let output = std::process::Command::new(&program)
        .arg("--version")
        .output()
        .map_err(|source| WorldError::Spawn {
            command: program.display().to_string(),
            source,
        })?;
    let mut hash = Sha256::new();
    hash.update(program.as_os_str().as_encoded_bytes());
    hash.update(&output.stdout);
    if let Some(locale) = locale {
        hash.update([0]);
        hash.update(locale);
    }
    Ok(format!("data-1-{}", &hex::encode(hash.finalize())[..16]))
}

/// Runs `initdb` in a folder that its user may write to, and moves the result in place at the end: what is half done is never
/// taken for done.
async fn make(binaries: &Binaries, locale: Option<&str>, home: &Path) -> Result<(), WorldError> {
    let workshop = tempfile::Builder::new()
        .prefix("partywall-initdb-")
        .tempdir()
        .map_err(WorldError::file(
            "make a folder below",
            std::env::temp_dir(),
        ))?;
    let open = |path: &Path| WorldError::file("give away", path.to_owned());
    binaries
        .give(workshop.path())
        .map_err(open(workshop.path()))?;
    let password = secret::word(32);
    let password_file = workshop.path().join("password");
    private_file(&password_file, &password)?;
    binaries
        .give(&password_file)
        .map_err(open(&password_file))?;
    let data = workshop.path().join("data");
    initdb(binaries, locale, &data, &password_file).await?;

    let beside = home.with_extension("new");
    clear(&beside)?;
    clear(home)?;
    make_private(&beside)?;
    copy_tree(&data, &beside.join("data"), &|_| Ok(()))?;
    private_file(&beside.join("password"), &password)?;
    fs::rename(&beside, home).map_err(WorldError::file("make", home))
}

fn clear(path: &Path) -> Result<(), WorldError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(WorldError::file("remove", path)(error))
        }
        _ => Ok(()),
    }
}

fn private_file(path: &Path, text: &str) -> Result<(), WorldError> {
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(WorldError::file("write", path))
}

/// The locale that is asked for; else `C.UTF-8` where the system knows it, else `C`.
async fn initdb(
    binaries: &Binaries,
    wanted: Option<&str>,
    data: &Path,
    password: &Path,
) -> Result<(), WorldError> {
    let mut last = Ok(());
    let usual = &["C.UTF-8", "C"][..];
    for locale in wanted.as_ref().map_or(usual, std::slice::from_ref) {
        clear(data)?;
        let mut command = binaries.command("initdb");
        command
            .arg("-D")
            .arg(data)
            .arg("--pwfile")
            .arg(password)
            .args(["-U", SUPERUSER, "--encoding=UTF8", "--no-sync"])
            .args(["--auth-local=reject", "--auth-host=password"])
            // What the server says stays English: we look for words in it.
            .args([&format!("--locale={locale}"), "--lc-messages=C"]);
        last = finish(command, "initdb", INITDB, &Values::new())
            .await
            .map(|_| ());
        if last.is_ok() {
            break;
        }
    }
    match (wanted, last) {
        (Some(locale), Err(WorldError::Command { output, .. })) if output.contains("locale") => {
            Err(locale::lacking(locale, &output))
        }
        (_, last) => last,
    }
}

/// Copies an initialised directory for a server, and gives it to the server's user.
pub fn copy(from: &Path, to: &Path, binaries: &Binaries) -> Result<(), WorldError> {
    copy_tree(from, to, &|path| binaries.give(path))
}

fn copy_tree(
    from: &Path,
    to: &Path,
    then: &dyn Fn(&Path) -> std::io::Result<()>,
) -> Result<(), WorldError> {
    fs::DirBuilder::new()
        .mode(0o700)
        .create(to)
        .and_then(|()| then(to))
        .map_err(WorldError::file("make the folder", to))?;
    let entries = fs::read_dir(from).map_err(WorldError::file("read", from))?;
    for entry in entries {
        let entry = entry.map_err(WorldError::file("read", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            copy_tree(&source, &target, then)?;
        } else {
            fs::copy(&source, &target)
                .and_then(|_| then(&target))
                .map_err(WorldError::file("copy", &source))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_locale_has_a_directory_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("initdb");
        fs::write(&program, "#!/bin/sh\necho initdb 15\n").unwrap();
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(&program, executable).unwrap();
        let binaries = Binaries {
            dir: folder.path().to_owned(),
            user: None,
        };
        let name = |locale| name(&binaries, locale).unwrap();
        let all = [name(None), name(Some("C")), name(Some("de_DE.UTF-8"))];
        assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2]);
        assert_eq!(name(Some("C")), all[1]);
    }
}
