#include "app/command/command.h"

#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int count, char *arguments[]);
    const char *usage, *about;
} commands[] = {
    {"serve", command_serve, "serve", "answer HTTP requests until SIGTERM or SIGINT"},
    {"migrate", command_migrate, "migrate", "bring the database up to date, then end"},
    {"load", command_load, "load FILE",
     "put a campaign (a plan as data) into the database, with its criteria and rounds"},
    {"key", command_key, "key create --name NAME --role ROLE [--role ROLE …] [--unit UUID] [--days N]",
     "make an access key and show it once"},
    {"evaluate", command_evaluate, "evaluate --campaign CODE --year YEAR [--group GROUP] [--as-of INSTANT] [--json]",
     "run the criteria engine on a round, as POST …/evaluations does"},
    {"health", command_health, "health", "ask the running service whether it is ready"},
    {"verify", command_verify, "verify [--head SEQ:HASH]", "walk the journal's chain and recompute every hash"},
    {"settings", command_settings, "settings [--table]", "show every setting in force, without passwords"},
    {"routes", command_routes, "routes", "print the route table as JSON"},
    {"version", command_version, "version", "print the version"},
};

static int usage(FILE *out, int status)
{
    fputs("thidua: phong trào thi đua, rules and awards over HTTP\n\nUsage:\n", out);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(out, "  thidua %-70s %s\n", commands[i].usage, commands[i].about);
    fputs("\nSettings come from the environment: thidua settings shows them.\n", out);
    return status;
}

int main(int count, char *arguments[])
{
    const char *name = count > 1 ? arguments[1] : "";
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, name) != 0)
            continue;
        if (count > 2 && strcmp(arguments[2], "--help") == 0)
            return printf("thidua %s\n  %s\n", commands[i].usage, commands[i].about) < 0;
        return commands[i].run(count - 2, arguments + 2);
    }
    bool help = strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0;
    return usage(help ? stdout : stderr, help ? 0 : 2);
}
