// Every command of the program.
#include "app/command/command.h"
#include "app/command/line/faults.h"

static const struct option key_create_options[] = {
    {"--name", "NAME", "who will hold the key", .needed = true, .fault = fault_of_name},
    {"--role", "ROLE", "what it may do: viewer, unit, home_affairs, initiative_council, chair_office, auditor or admin",
     .needed = true, .many = true, .fault = fault_of_role},
    {"--unit", "UUID", "the unit that its holder acts for; the role unit needs one", .fault = fault_of_uuid},
    {"--days", "N", "how long it is valid; without it until it is revoked", .fault = fault_of_days},
    {0},
};

static const struct option load_options[] = {
    {"--check", NULL, "only name the faults of each plan: nothing is stored, and no database is needed"},
    {0},
};

static const struct option evaluate_options[] = {
    {"--campaign", "CODE", "the campaign, such as 230-KH-UBND", .needed = true},
    {"--year", "YEAR", "the year of the round", .needed = true, .fault = fault_of_year},
    {"--group", "GROUP", "only the contestants of this group"},
    {"--as-of", "INSTANT", "when rules and deadlines are read; the facts are those stored now",
     .fault = fault_of_instant},
    {"--json", NULL, "print the verdicts whole, as JSON"},
    {0},
};

static const struct option verify_options[] = {
    {"--head", "SEQ:HASH", "an end of the chain that was noted earlier: it must stand in it exactly so", .many = true,
     .fault = fault_of_head},
    {0},
};

static const struct option settings_options[] = {
    {"--table", NULL, "print README's table of all settings instead"},
    {"--man", NULL, "print the manual page thidua-settings(7) instead"},
    {0},
};

static const struct option help_options[] = {
    {"--man", NULL, "print the manual page thidua(1)"},
    {"--completion", NULL, "print the completion for bash"},
    {0},
};

// clang-format off
const struct command all_commands[] = {
    {"serve", .run = command_serve, .about = "answer HTTP requests until SIGTERM or SIGINT",
     .description = "Brings the database up to date and serves. Without DATABASE_URL it runs a private PostgreSQL under "
                    "THIDUA_VAR, which it makes where there is none. SIGHUP changes nothing: settings are read at start."},
    {"migrate", .run = command_migrate, .about = "bring the database up to date, then end",
     .description = "Applies the migrations that are missing, as serve does at its start. Without DATABASE_URL it makes the "
                    "private database where there is none."},
    {"load", .options = load_options, .operands = "FILE …", .operands_needed = true, .run = command_load,
     .about = "put campaigns (plans as data) or public holidays into the database",
     .description = "A campaign's file holds its criteria and rounds. What is there already stays as it is; a published "
                    "criteria set never changes: give it a new version."},
    {"key create", .options = key_create_options, .run = command_key_create, .about = "make an access key and show it once",
     .description = "The key is printed and stored only as a digest. This is how the first key of an installation is made."},
    {"evaluate", .options = evaluate_options, .run = command_evaluate,
     .about = "run the criteria engine on a round and store the verdicts",
     .description = "Does what POST …/evaluations does over HTTP, and prints a line for each contestant."},
    {"verify", .options = verify_options, .run = command_verify, .about = "walk the journal's chain and recompute every hash",
     .description = "Also compares packed facts with their tables, what tables hold with what the journal was told of it, and documents "
                    "and criteria sets with their hashes. It cannot see by itself that the newest rows are gone: note heads, and give "
                    "them with --head."},
    {"head", .run = command_head, .about = "print the end of the journal's chain, to be noted outside of the machine",
     .description = "As SEQ:HASH, which thidua verify --head takes. Each event of the feed and of webhooks holds the same of its own row."},
    {"restored", .run = command_restored, .about = "say that this database is a restored copy: event numbers go on far beyond",
     .description = "Run it after a restore, before the service starts, by the owner's role (DATABASE_OWNER_URL). Then no number of the "
                    "feed is given a second time, and readers that are ahead of the copy are told so. The service sees most copies by "
                    "itself, but not one of files or of a machine. Twice does no harm."},
    {"health", .run = command_health, .about = "ask the running service whether it is ready",
     .description = "Asks THIDUA_LISTEN for /readyz?reads_only=true: one that answers reads is left to run while writes have to wait. The "
                    "exit status is 0 where it is ready, else 1."},
    {"settings", .options = settings_options, .run = command_settings, .about = "show every setting in force, without passwords",
     .description = "Settings come from the environment. The exit status is 1 where one does not fit."},
    {"routes", .run = command_routes, .about = "print the route table as JSON",
     .description = "For tests that hold it against openapi.yaml."},
    {"version", .run = command_version, .about = "print the version", .description = "And the commit that the program was built from. The same as thidua --version."},
    {"help", .options = help_options, .operands = "COMMAND", .run = command_help, .about = "print all commands, or all about one",
     .description = "The same as thidua COMMAND --help. Manual page and completion are made of the same table."},
    {0},
};
// clang-format on
