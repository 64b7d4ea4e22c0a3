//! Runs every test: of the workspace, with the example plugins built from source, of the plugins' own workspace, and
//! a short comparison with real servers and pairs of them.

use anyhow::Result;

use crate::guests::guests;
use crate::oracle::Short;
use crate::pairs;
use crate::reach;
use crate::run::{cargo, root, run};
use crate::setup::{browser, setup};
use crate::upgrade;

pub(crate) fn test(args: &[&str]) -> Result<()> {
    setup()?;
    browser()?;
    guests(&[])?;
    // Tests of stock files want the servers' samples.
    let short = if args.is_empty() { Short::prepare()? } else { None };
    run(cargo().args(["test", "--workspace", "--locked"]).args(args))?;
    if args.is_empty() {
        run(cargo().args(["test", "--workspace", "--locked"]).current_dir(root().join("plugins")))?;
    }
    if let Some(short) = short {
        short.run()?;
        reach::short(short.servers())?;
        upgrade::run(short.servers())?;
    }
    if args.is_empty() { pairs::test() } else { Ok(()) }
}
