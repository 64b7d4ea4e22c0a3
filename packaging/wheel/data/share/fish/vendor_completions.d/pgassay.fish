# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_pgassay_global_optspecs
    string join \n pg= kind= stdin-filename= follow-outside profile= select= extend-select= ignore= plugin= no-cache fix unsafe-fixes diff show-secrets baseline= no-baseline since= diff-only= format= output= fail-on= min-confidence= exit-zero only-named sarif-category= sarif-suppressed config= no-config color= v/verbose q/quiet h/help V/version
end

function __fish_pgassay_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_pgassay_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_pgassay_using_subcommand
    set -l cmd (__fish_pgassay_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c pgassay -n "__fish_pgassay_needs_command" -l pg -d 'The PostgreSQL majors to judge for: `16`, `14..18` or `14,16`' -r
complete -c pgassay -n "__fish_pgassay_needs_command" -l kind -d 'What the named files are, such as `pg_hba.conf` or `sql`' -r
complete -c pgassay -n "__fish_pgassay_needs_command" -l stdin-filename -d 'What standard input would be called as a file; tells its kind' -r
complete -c pgassay -n "__fish_pgassay_needs_command" -l profile -d 'The rules to run: `default`, `strict`, a benchmark or a profile of pgassay.toml; several with commas' -r
complete -c pgassay -n "__fish_pgassay_needs_command" -l select -d 'Run these rules, families or tags only' -r
complete -c pgassay -n "__fish_pgassay_needs_command" -l extend-select -d 'Run these rules, families or tags too' -r
complete -c pgassay -n "__fish_pgassay_needs_command" -l ignore -d 'Leave these rules, families or tags out' -r
complete -c pgassay -n "__fish_pgassay_needs_command" -l plugin -d 'Load a plugin; may be repeated' -r
complete -c pgassay -n "__fish_pgassay_needs_command" -l baseline -d 'Leave out the findings of a baseline, in place of that of pgassay.toml' -r
complete -c pgassay -n "__fish_pgassay_needs_command" -l since -d 'Report what is new since a git revision or lies on lines changed since; `REV...` is where HEAD left it' -r
complete -c pgassay -n "__fish_pgassay_needs_command" -l diff-only -d 'Report only what lies on changed lines: of `--since`, or of a unified diff from a file or standard input' -r
complete -c pgassay -n "__fish_pgassay_needs_command" -l format -d 'The format of the report on standard output' -r -f -a "text\t'Snippets, for people'
concise\t'One line per finding: `path:line:column: severity[rule]: message`'
json\t'All there is, see `docs/json-output.md`'
sarif\t'SARIF 2.1.0, for code scanning'
github\t'Annotations of GitHub Actions'
gitlab\t'GitLab\'s Code Quality report'
junit\t'JUnit XML, for results of tests'
rdjson\t'The Reviewdog Diagnostic Format'
html\t'A page for a security review, see `docs/review.md`'"
complete -c pgassay -n "__fish_pgassay_needs_command" -l output -d 'Write a report to a file too; may be repeated' -r
complete -c pgassay -n "__fish_pgassay_needs_command" -l fail-on -d 'The lowest severity that makes the exit code 1 [default: warning]' -r -f -a "info\t'Worth knowing'
warning\t'Likely wrong, or weaker than it looks'
error\t'The server refuses it, data can be lost, or a door is open'"
complete -c pgassay -n "__fish_pgassay_needs_command" -l min-confidence -d 'Hide findings of a lower confidence [default: medium]' -r -f -a "low\t'A hint; hidden unless asked for'
medium\t'Likely'
high\t'Certain from the files'"
complete -c pgassay -n "__fish_pgassay_needs_command" -l sarif-category -d 'The category of a SARIF report, where one commit has several' -r
complete -c pgassay -n "__fish_pgassay_needs_command" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_needs_command" -l follow-outside -d 'Follow includes that lead out of the folders given'
complete -c pgassay -n "__fish_pgassay_needs_command" -l no-cache -d 'Compile plugins anew, and keep nothing of it'
complete -c pgassay -n "__fish_pgassay_needs_command" -l fix -d 'Make the edits that are safe'
complete -c pgassay -n "__fish_pgassay_needs_command" -l unsafe-fixes -d 'With `--fix` or `--diff`: also the edits that change what the server does'
complete -c pgassay -n "__fish_pgassay_needs_command" -l diff -d 'Show what the edits would change, for `git apply` or `patch -p1`, and change nothing'
complete -c pgassay -n "__fish_pgassay_needs_command" -l show-secrets -d 'With `--diff`: show secrets too, which are `****` otherwise'
complete -c pgassay -n "__fish_pgassay_needs_command" -l no-baseline -d 'Heed no baseline'
complete -c pgassay -n "__fish_pgassay_needs_command" -l exit-zero -d 'Exit 0 whatever was found; errors still exit 2'
complete -c pgassay -n "__fish_pgassay_needs_command" -l only-named -d 'Report what concerns the files named, and read what lies around them only to judge them'
complete -c pgassay -n "__fish_pgassay_needs_command" -l sarif-suppressed -d 'Keep suppressed and known findings in a SARIF report, marked so; GitHub would show them as open'
complete -c pgassay -n "__fish_pgassay_needs_command" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_needs_command" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_needs_command" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pgassay -n "__fish_pgassay_needs_command" -s V -l version -d 'Print version'
complete -c pgassay -n "__fish_pgassay_needs_command" -a "check" -d 'Check files and folders; this is what pgassay does when no command is named'
complete -c pgassay -n "__fish_pgassay_needs_command" -a "rules" -d 'List the rules'
complete -c pgassay -n "__fish_pgassay_needs_command" -a "baseline" -d 'Write the findings that there are into a baseline, which `check` leaves out'
complete -c pgassay -n "__fish_pgassay_needs_command" -a "explain" -d 'Explain a rule'
complete -c pgassay -n "__fish_pgassay_needs_command" -a "settings" -d 'Show the effective settings of each node, and where they come from'
complete -c pgassay -n "__fish_pgassay_needs_command" -a "upgrade" -d 'Show what another major makes of the files, and mend them for it'
complete -c pgassay -n "__fish_pgassay_needs_command" -a "init" -d 'Write a pgassay.toml with the servers of a folder'
complete -c pgassay -n "__fish_pgassay_needs_command" -a "config" -d 'Show what holds of pgassay.toml, the command line and the profiles, and what said each value'
complete -c pgassay -n "__fish_pgassay_needs_command" -a "cluster" -d 'Show the servers and what replicates between them, and how each was told'
complete -c pgassay -n "__fish_pgassay_needs_command" -a "hba" -d 'Show who gets in by pg_hba.conf'
complete -c pgassay -n "__fish_pgassay_needs_command" -a "plugin" -d 'Make, test and look at plugins'
complete -c pgassay -n "__fish_pgassay_needs_command" -a "lsp" -d 'Serve an editor on standard input and output, by the Language Server Protocol'
complete -c pgassay -n "__fish_pgassay_needs_command" -a "schema" -d 'Print a JSON Schema'
complete -c pgassay -n "__fish_pgassay_needs_command" -a "completions" -d 'Print a completion script'
complete -c pgassay -n "__fish_pgassay_needs_command" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l pg -d 'The PostgreSQL majors to judge for: `16`, `14..18` or `14,16`' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l kind -d 'What the named files are, such as `pg_hba.conf` or `sql`' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l stdin-filename -d 'What standard input would be called as a file; tells its kind' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l profile -d 'The rules to run: `default`, `strict`, a benchmark or a profile of pgassay.toml; several with commas' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l select -d 'Run these rules, families or tags only' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l extend-select -d 'Run these rules, families or tags too' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l ignore -d 'Leave these rules, families or tags out' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l plugin -d 'Load a plugin; may be repeated' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l baseline -d 'Leave out the findings of a baseline, in place of that of pgassay.toml' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l since -d 'Report what is new since a git revision or lies on lines changed since; `REV...` is where HEAD left it' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l diff-only -d 'Report only what lies on changed lines: of `--since`, or of a unified diff from a file or standard input' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l format -d 'The format of the report on standard output' -r -f -a "text\t'Snippets, for people'
concise\t'One line per finding: `path:line:column: severity[rule]: message`'
json\t'All there is, see `docs/json-output.md`'
sarif\t'SARIF 2.1.0, for code scanning'
github\t'Annotations of GitHub Actions'
gitlab\t'GitLab\'s Code Quality report'
junit\t'JUnit XML, for results of tests'
rdjson\t'The Reviewdog Diagnostic Format'
html\t'A page for a security review, see `docs/review.md`'"
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l output -d 'Write a report to a file too; may be repeated' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l fail-on -d 'The lowest severity that makes the exit code 1 [default: warning]' -r -f -a "info\t'Worth knowing'
warning\t'Likely wrong, or weaker than it looks'
error\t'The server refuses it, data can be lost, or a door is open'"
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l min-confidence -d 'Hide findings of a lower confidence [default: medium]' -r -f -a "low\t'A hint; hidden unless asked for'
medium\t'Likely'
high\t'Certain from the files'"
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l sarif-category -d 'The category of a SARIF report, where one commit has several' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l follow-outside -d 'Follow includes that lead out of the folders given'
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l no-cache -d 'Compile plugins anew, and keep nothing of it'
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l fix -d 'Make the edits that are safe'
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l unsafe-fixes -d 'With `--fix` or `--diff`: also the edits that change what the server does'
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l diff -d 'Show what the edits would change, for `git apply` or `patch -p1`, and change nothing'
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l show-secrets -d 'With `--diff`: show secrets too, which are `****` otherwise'
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l no-baseline -d 'Heed no baseline'
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l exit-zero -d 'Exit 0 whatever was found; errors still exit 2'
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l only-named -d 'Report what concerns the files named, and read what lies around them only to judge them'
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l sarif-suppressed -d 'Keep suppressed and known findings in a SARIF report, marked so; GitHub would show them as open'
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pgassay -n "__fish_pgassay_using_subcommand rules" -l profile -d 'The rules to run: `default`, `strict`, a benchmark or a profile of pgassay.toml; several with commas' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand rules" -l select -d 'Run these rules, families or tags only' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand rules" -l extend-select -d 'Run these rules, families or tags too' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand rules" -l ignore -d 'Leave these rules, families or tags out' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand rules" -l plugin -d 'Load a plugin; may be repeated' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand rules" -l format -d 'The format of the list' -r -f -a "text\t'A table'
json\t'All metadata'
markdown\t'An index by family, benchmark and setting, with links to the pages in `rules/`'
html\t'The reference with all pages, as one page'"
complete -c pgassay -n "__fish_pgassay_using_subcommand rules" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand rules" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand rules" -l no-cache -d 'Compile plugins anew, and keep nothing of it'
complete -c pgassay -n "__fish_pgassay_using_subcommand rules" -l coverage -d 'Show only how far the chosen profiles\' benchmarks are covered'
complete -c pgassay -n "__fish_pgassay_using_subcommand rules" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand rules" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand rules" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand rules" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -l pg -d 'The PostgreSQL majors to judge for: `16`, `14..18` or `14,16`' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -l kind -d 'What the named files are, such as `pg_hba.conf` or `sql`' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -l stdin-filename -d 'What standard input would be called as a file; tells its kind' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -l output -d 'The file [default: `baseline` of pgassay.toml, or pgassay-baseline.json]' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -l min-confidence -d 'Leave out findings of a lower confidence [default: medium]' -r -f -a "low\t'A hint; hidden unless asked for'
medium\t'Likely'
high\t'Certain from the files'"
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -l profile -d 'The rules to run: `default`, `strict`, a benchmark or a profile of pgassay.toml; several with commas' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -l select -d 'Run these rules, families or tags only' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -l extend-select -d 'Run these rules, families or tags too' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -l ignore -d 'Leave these rules, families or tags out' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -l plugin -d 'Load a plugin; may be repeated' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -l follow-outside -d 'Follow includes that lead out of the folders given'
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -l prune -d 'Only take out what is gone; exit 1 if something is'
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -l check -d 'Write nothing; exit 1 if something is gone'
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -l no-cache -d 'Compile plugins anew, and keep nothing of it'
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand baseline" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pgassay -n "__fish_pgassay_using_subcommand explain" -l plugin -d 'Load a plugin; may be repeated' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand explain" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand explain" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand explain" -l no-cache -d 'Compile plugins anew, and keep nothing of it'
complete -c pgassay -n "__fish_pgassay_using_subcommand explain" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand explain" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand explain" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand explain" -s h -l help -d 'Print help'
complete -c pgassay -n "__fish_pgassay_using_subcommand settings" -l pg -d 'The PostgreSQL majors to judge for: `16`, `14..18` or `14,16`' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand settings" -l kind -d 'What the named files are, such as `pg_hba.conf` or `sql`' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand settings" -l stdin-filename -d 'What standard input would be called as a file; tells its kind' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand settings" -l node -d 'Show this node only' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand settings" -l name -d 'Show this setting only; may be repeated' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand settings" -l format -d 'The format of the list' -r -f -a "text\t''
json\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand settings" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand settings" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand settings" -l follow-outside -d 'Follow includes that lead out of the folders given'
complete -c pgassay -n "__fish_pgassay_using_subcommand settings" -l all -d 'Show settings at their default too'
complete -c pgassay -n "__fish_pgassay_using_subcommand settings" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand settings" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand settings" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand settings" -s h -l help -d 'Print help'
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l to -d 'The major to upgrade to' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l from -d 'The majors to upgrade from, in place of those that the files give away: `13` or `12..14`' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l kind -d 'What the named files are, such as `pg_hba.conf` or `sql`' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l profile -d 'The rules to run: `default`, `strict`, a benchmark or a profile of pgassay.toml; several with commas' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l select -d 'Run these rules, families or tags only' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l extend-select -d 'Run these rules, families or tags too' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l ignore -d 'Leave these rules, families or tags out' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l format -d 'The format of the report on standard output' -r -f -a "text\t'Snippets, for people'
concise\t'One line per finding: `path:line:column: severity[rule]: message`'
json\t'All there is, see `docs/json-output.md`'
sarif\t'SARIF 2.1.0, for code scanning'
github\t'Annotations of GitHub Actions'
gitlab\t'GitLab\'s Code Quality report'
junit\t'JUnit XML, for results of tests'
rdjson\t'The Reviewdog Diagnostic Format'
html\t'A page for a security review, see `docs/review.md`'"
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l output -d 'Write a report to a file too; may be repeated' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l fail-on -d 'The lowest severity that makes the exit code 1 [default: warning]' -r -f -a "info\t'Worth knowing'
warning\t'Likely wrong, or weaker than it looks'
error\t'The server refuses it, data can be lost, or a door is open'"
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l min-confidence -d 'Hide findings of a lower confidence [default: medium]' -r -f -a "low\t'A hint; hidden unless asked for'
medium\t'Likely'
high\t'Certain from the files'"
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l follow-outside -d 'Follow includes that lead out of the folders given'
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l fix -d 'Make the edits that are safe'
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l unsafe-fixes -d 'With `--fix` or `--diff`: also the edits that change what the server does'
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l diff -d 'Show what the edits would change, for `git apply` or `patch -p1`, and change nothing'
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l show-secrets -d 'With `--diff`: show secrets too, which are `****` otherwise'
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l exit-zero -d 'Exit 0 whatever was found; errors still exit 2'
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand upgrade" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pgassay -n "__fish_pgassay_using_subcommand init" -l ci -d 'Also add a job for a CI service; may be repeated' -r -f -a "github\t'A workflow of GitHub Actions, with code scanning'
gitlab\t'A job of GitLab CI, with a code quality report'"
complete -c pgassay -n "__fish_pgassay_using_subcommand init" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand init" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand init" -l force -d 'Replace the file that is there; of what it says, `pg`, `[files]` and nodes are kept'
complete -c pgassay -n "__fish_pgassay_using_subcommand init" -l stdout -d 'Print what would be written'
complete -c pgassay -n "__fish_pgassay_using_subcommand init" -l pre-commit -d 'Also add pgassay to the hooks of pre-commit'
complete -c pgassay -n "__fish_pgassay_using_subcommand init" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand init" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand init" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pgassay -n "__fish_pgassay_using_subcommand config" -l pg -d 'As `check` takes it' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand config" -l profile -d 'The rules to run: `default`, `strict`, a benchmark or a profile of pgassay.toml; several with commas' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand config" -l select -d 'Run these rules, families or tags only' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand config" -l extend-select -d 'Run these rules, families or tags too' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand config" -l ignore -d 'Leave these rules, families or tags out' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand config" -l plugin -d 'Load a plugin; may be repeated' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand config" -l fail-on -d 'As `check` takes it' -r -f -a "info\t'Worth knowing'
warning\t'Likely wrong, or weaker than it looks'
error\t'The server refuses it, data can be lost, or a door is open'"
complete -c pgassay -n "__fish_pgassay_using_subcommand config" -l min-confidence -d 'As `check` takes it' -r -f -a "low\t'A hint; hidden unless asked for'
medium\t'Likely'
high\t'Certain from the files'"
complete -c pgassay -n "__fish_pgassay_using_subcommand config" -l format -d 'The format' -r -f -a "toml\t'As pgassay.toml has it, with comments that say what said each value'
json\t'The same as JSON'"
complete -c pgassay -n "__fish_pgassay_using_subcommand config" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand config" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand config" -l no-cache -d 'Compile plugins anew, and keep nothing of it'
complete -c pgassay -n "__fish_pgassay_using_subcommand config" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand config" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand config" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand config" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pgassay -n "__fish_pgassay_using_subcommand cluster" -l pg -d 'The PostgreSQL majors to judge for: `16`, `14..18` or `14,16`' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand cluster" -l kind -d 'What the named files are, such as `pg_hba.conf` or `sql`' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand cluster" -l stdin-filename -d 'What standard input would be called as a file; tells its kind' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand cluster" -l format -d 'The format' -r -f -a "text\t'Lists, for people'
json\t'All there is, for programs; see `docs/cluster.md`'
dot\t'A graph for Graphviz'
svg\t'A picture'
html\t'A page with the picture and all there is'"
complete -c pgassay -n "__fish_pgassay_using_subcommand cluster" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand cluster" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand cluster" -l follow-outside -d 'Follow includes that lead out of the folders given'
complete -c pgassay -n "__fish_pgassay_using_subcommand cluster" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand cluster" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand cluster" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand cluster" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and not __fish_seen_subcommand_from trace show diff expect help" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and not __fish_seen_subcommand_from trace show diff expect help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and not __fish_seen_subcommand_from trace show diff expect help" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and not __fish_seen_subcommand_from trace show diff expect help" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and not __fish_seen_subcommand_from trace show diff expect help" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and not __fish_seen_subcommand_from trace show diff expect help" -s h -l help -d 'Print help'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and not __fish_seen_subcommand_from trace show diff expect help" -f -a "trace" -d 'Show which row decides for a connection, and why the rows above it do not'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and not __fish_seen_subcommand_from trace show diff expect help" -f -a "show" -d 'Show who gets in from where and how, after first match'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and not __fish_seen_subcommand_from trace show diff expect help" -f -a "diff" -d 'Show what a change does: who gains or loses access; exit code 1 if access is gained or weakened'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and not __fish_seen_subcommand_from trace show diff expect help" -f -a "expect" -d 'Check expectations of who gets in; exit code 1 if one does not hold'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and not __fish_seen_subcommand_from trace show diff expect help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l pg -d 'The PostgreSQL majors to judge for: `16`, `14..18` or `14,16`' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l kind -d 'What the named files are, such as `pg_hba.conf` or `sql`' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l stdin-filename -d 'What standard input would be called as a file; tells its kind' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l node -d 'Look at this node only' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l server-address -d 'An address of the server with its mask length, for `samehost` and `samenet`; may be repeated' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l user -d 'The user who connects' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l db -d 'The database that the user connects to [default: that of the user\'s name]' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l from -d 'The address that the server sees the client at' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l host-name -d 'The name that the client\'s address has in DNS, both ways; `-` for none' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l questions -d 'Answer a file of questions instead, one per line: KIND, ADDRESS, DATABASE and USER, with a tab between them' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l format -d 'The format of the answer' -r -f -a "text\t''
json\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l follow-outside -d 'Follow includes that lead out of the folders given'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l replication -d 'Physical replication, as by a standby; logical replication connects to a database'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l local -d 'Through a Unix socket'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l tls -d 'With TLS'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l plain -d 'Without encryption'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l gss -d 'With GSSAPI encryption'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from trace" -s h -l help -d 'Print help'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from show" -l pg -d 'The PostgreSQL majors to judge for: `16`, `14..18` or `14,16`' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from show" -l kind -d 'What the named files are, such as `pg_hba.conf` or `sql`' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from show" -l stdin-filename -d 'What standard input would be called as a file; tells its kind' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from show" -l node -d 'Look at this node only' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from show" -l server-address -d 'An address of the server with its mask length, for `samehost` and `samenet`; may be repeated' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from show" -l user -d 'Show this user only; may be repeated' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from show" -l db -d 'Show this database only; may be repeated' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from show" -l format -d 'The format of the table' -r -f -a "text\t'For people'
json\t'For programs'
html\t'A page with a picture of addresses against people'"
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from show" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from show" -l follow-outside -d 'Follow includes that lead out of the folders given'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from show" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from diff" -l pg -d 'The PostgreSQL majors to judge for: `16`, `14..18` or `14,16`' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from diff" -l server-address -d 'An address of the server with its mask length, for `samehost` and `samenet`; may be repeated' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from diff" -l format -d 'The format of the differences' -r -f -a "text\t''
json\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from diff" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from diff" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from diff" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from expect" -l pg -d 'The PostgreSQL majors to judge for: `16`, `14..18` or `14,16`' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from expect" -l kind -d 'What the named files are, such as `pg_hba.conf` or `sql`' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from expect" -l stdin-filename -d 'What standard input would be called as a file; tells its kind' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from expect" -l node -d 'Look at this node only' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from expect" -l server-address -d 'An address of the server with its mask length, for `samehost` and `samenet`; may be repeated' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from expect" -l format -d 'The format of the results' -r -f -a "text\t''
json\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from expect" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from expect" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from expect" -l follow-outside -d 'Follow includes that lead out of the folders given'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from expect" -l from-config -d 'Check the expectations of pgassay.toml only, so that the first argument is a PATH, too'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from expect" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from expect" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from expect" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from expect" -s h -l help -d 'Print help'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from help" -f -a "trace" -d 'Show which row decides for a connection, and why the rows above it do not'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show who gets in from where and how, after first match'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from help" -f -a "diff" -d 'Show what a change does: who gains or loses access; exit code 1 if access is gained or weakened'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from help" -f -a "expect" -d 'Check expectations of who gets in; exit code 1 if one does not hold'
complete -c pgassay -n "__fish_pgassay_using_subcommand hba; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and not __fish_seen_subcommand_from new test list inspect verify bench help" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and not __fish_seen_subcommand_from new test list inspect verify bench help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and not __fish_seen_subcommand_from new test list inspect verify bench help" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and not __fish_seen_subcommand_from new test list inspect verify bench help" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and not __fish_seen_subcommand_from new test list inspect verify bench help" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and not __fish_seen_subcommand_from new test list inspect verify bench help" -s h -l help -d 'Print help'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and not __fish_seen_subcommand_from new test list inspect verify bench help" -f -a "new" -d 'Write a new plugin project, which builds and passes its tests as it is'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and not __fish_seen_subcommand_from new test list inspect verify bench help" -f -a "test" -d 'Test a plugin project: the Bad and Good blocks of its pages, and its fixtures'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and not __fish_seen_subcommand_from new test list inspect verify bench help" -f -a "list" -d 'List the plugins of pgassay.toml'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and not __fish_seen_subcommand_from new test list inspect verify bench help" -f -a "inspect" -d 'Show what a plugin\'s file is: imports, exports, version of the contract, rules, size, hash'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and not __fish_seen_subcommand_from new test list inspect verify bench help" -f -a "verify" -d 'Compare the plugins of pgassay.toml with their hashes'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and not __fish_seen_subcommand_from new test list inspect verify bench help" -f -a "bench" -d 'Measure a plugin: compiling, loading, describing, checking, memory'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and not __fish_seen_subcommand_from new test list inspect verify bench help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from new" -l lang -d 'The language it is written in' -r -f -a "rust\t''
python\t''
js\t''
c\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from new" -l path -d 'The folder to write to [default: the name]' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from new" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from new" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from new" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from new" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from new" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from test" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from test" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from test" -l update -d 'Write the expectations of the fixtures anew; read them before you keep them'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from test" -l no-cache -d 'Compile the plugin anew, and keep nothing of it'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from test" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from test" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from list" -l plugin -d 'Load a plugin; may be repeated' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from list" -l format -d 'The format of the list' -r -f -a "text\t''
json\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from list" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from list" -l no-cache -d 'Compile plugins anew, and keep nothing of it'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from list" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from inspect" -l format -d 'The format of the answer' -r -f -a "text\t''
json\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from inspect" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from inspect" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from inspect" -l no-cache -d 'Compile the plugin anew, and keep nothing of it'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from inspect" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from inspect" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from inspect" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from inspect" -s h -l help -d 'Print help'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from bench" -l runs -d 'How often each step is run' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from bench" -l options -d 'The plugin\'s options, as JSON' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from bench" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from bench" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from bench" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from bench" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from bench" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from bench" -s h -l help -d 'Print help'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from help" -f -a "new" -d 'Write a new plugin project, which builds and passes its tests as it is'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from help" -f -a "test" -d 'Test a plugin project: the Bad and Good blocks of its pages, and its fixtures'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the plugins of pgassay.toml'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from help" -f -a "inspect" -d 'Show what a plugin\'s file is: imports, exports, version of the contract, rules, size, hash'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Compare the plugins of pgassay.toml with their hashes'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from help" -f -a "bench" -d 'Measure a plugin: compiling, loading, describing, checking, memory'
complete -c pgassay -n "__fish_pgassay_using_subcommand plugin; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pgassay -n "__fish_pgassay_using_subcommand lsp" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand lsp" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand lsp" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand lsp" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand lsp" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand lsp" -s h -l help -d 'Print help'
complete -c pgassay -n "__fish_pgassay_using_subcommand schema" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand schema" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand schema" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand schema" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand schema" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pgassay -n "__fish_pgassay_using_subcommand completions" -l config -d 'Use this configuration file' -r
complete -c pgassay -n "__fish_pgassay_using_subcommand completions" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pgassay -n "__fish_pgassay_using_subcommand completions" -l no-config -d 'Read no configuration file'
complete -c pgassay -n "__fish_pgassay_using_subcommand completions" -s v -l verbose -d 'Say more: files passed over, includes not followed, where the majors come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand completions" -s q -l quiet -d 'Print findings only, no summary'
complete -c pgassay -n "__fish_pgassay_using_subcommand completions" -s h -l help -d 'Print help'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and not __fish_seen_subcommand_from check rules baseline explain settings upgrade init config cluster hba plugin lsp schema completions help" -f -a "check" -d 'Check files and folders; this is what pgassay does when no command is named'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and not __fish_seen_subcommand_from check rules baseline explain settings upgrade init config cluster hba plugin lsp schema completions help" -f -a "rules" -d 'List the rules'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and not __fish_seen_subcommand_from check rules baseline explain settings upgrade init config cluster hba plugin lsp schema completions help" -f -a "baseline" -d 'Write the findings that there are into a baseline, which `check` leaves out'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and not __fish_seen_subcommand_from check rules baseline explain settings upgrade init config cluster hba plugin lsp schema completions help" -f -a "explain" -d 'Explain a rule'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and not __fish_seen_subcommand_from check rules baseline explain settings upgrade init config cluster hba plugin lsp schema completions help" -f -a "settings" -d 'Show the effective settings of each node, and where they come from'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and not __fish_seen_subcommand_from check rules baseline explain settings upgrade init config cluster hba plugin lsp schema completions help" -f -a "upgrade" -d 'Show what another major makes of the files, and mend them for it'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and not __fish_seen_subcommand_from check rules baseline explain settings upgrade init config cluster hba plugin lsp schema completions help" -f -a "init" -d 'Write a pgassay.toml with the servers of a folder'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and not __fish_seen_subcommand_from check rules baseline explain settings upgrade init config cluster hba plugin lsp schema completions help" -f -a "config" -d 'Show what holds of pgassay.toml, the command line and the profiles, and what said each value'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and not __fish_seen_subcommand_from check rules baseline explain settings upgrade init config cluster hba plugin lsp schema completions help" -f -a "cluster" -d 'Show the servers and what replicates between them, and how each was told'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and not __fish_seen_subcommand_from check rules baseline explain settings upgrade init config cluster hba plugin lsp schema completions help" -f -a "hba" -d 'Show who gets in by pg_hba.conf'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and not __fish_seen_subcommand_from check rules baseline explain settings upgrade init config cluster hba plugin lsp schema completions help" -f -a "plugin" -d 'Make, test and look at plugins'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and not __fish_seen_subcommand_from check rules baseline explain settings upgrade init config cluster hba plugin lsp schema completions help" -f -a "lsp" -d 'Serve an editor on standard input and output, by the Language Server Protocol'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and not __fish_seen_subcommand_from check rules baseline explain settings upgrade init config cluster hba plugin lsp schema completions help" -f -a "schema" -d 'Print a JSON Schema'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and not __fish_seen_subcommand_from check rules baseline explain settings upgrade init config cluster hba plugin lsp schema completions help" -f -a "completions" -d 'Print a completion script'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and not __fish_seen_subcommand_from check rules baseline explain settings upgrade init config cluster hba plugin lsp schema completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and __fish_seen_subcommand_from hba" -f -a "trace" -d 'Show which row decides for a connection, and why the rows above it do not'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and __fish_seen_subcommand_from hba" -f -a "show" -d 'Show who gets in from where and how, after first match'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and __fish_seen_subcommand_from hba" -f -a "diff" -d 'Show what a change does: who gains or loses access; exit code 1 if access is gained or weakened'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and __fish_seen_subcommand_from hba" -f -a "expect" -d 'Check expectations of who gets in; exit code 1 if one does not hold'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and __fish_seen_subcommand_from plugin" -f -a "new" -d 'Write a new plugin project, which builds and passes its tests as it is'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and __fish_seen_subcommand_from plugin" -f -a "test" -d 'Test a plugin project: the Bad and Good blocks of its pages, and its fixtures'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and __fish_seen_subcommand_from plugin" -f -a "list" -d 'List the plugins of pgassay.toml'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and __fish_seen_subcommand_from plugin" -f -a "inspect" -d 'Show what a plugin\'s file is: imports, exports, version of the contract, rules, size, hash'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and __fish_seen_subcommand_from plugin" -f -a "verify" -d 'Compare the plugins of pgassay.toml with their hashes'
complete -c pgassay -n "__fish_pgassay_using_subcommand help; and __fish_seen_subcommand_from plugin" -f -a "bench" -d 'Measure a plugin: compiling, loading, describing, checking, memory'
