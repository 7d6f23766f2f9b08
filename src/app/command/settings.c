// `thidua settings`: what is in force, without passwords; or all settings, as README and the manual page show them.
#include "app/settings.h"
#include "app/command/command.h"
#include "app/command/line/roff.h"

#include <stdio.h>

// ---- README's table ----

static void print_range(const struct setting *setting)
{
    if (setting->takes)
        printf("%s", setting->takes);
    else
        printf("%u…%u", setting->least, setting->most);
}

static void print_fallback(const struct setting *setting)
{
    if (setting->fallback_words)
        printf("%s", setting->fallback_words);
    else if (setting->fallback)
        printf("`%s`", setting->fallback);
    else
        printf("–");
}

static int print_settings_table(void)
{
    puts("| variable | default | must be | meaning |\n|---|---|---|---|");
    for (const struct setting *setting = all_settings; setting->name; setting++) {
        printf("| `%s` | ", setting->name);
        print_fallback(setting);
        printf(" | ");
        print_range(setting);
        printf(" | %s |\n", setting->about);
    }
    return 0;
}

// ---- the manual page ----

static void print_setting_manual(const struct setting *setting)
{
    char range[64];
    const char *fallback = setting->fallback_words ? setting->fallback_words : setting->fallback;
    snprintf(range, sizeof range, "a whole number from %u to %u", setting->least, setting->most);
    printf(".TP\n\\fB%s\\fR\n", setting->name);
    roff_text(stdout, setting->about);
    fputs(".\n.br\nMust be ", stdout);
    roff_text(stdout, setting->takes ? setting->takes : range);
    fputs(".\n.br\nDefault: ", stdout);
    roff_text(stdout, fallback ? fallback : "none");
    fputs(".\n", stdout);
}

static int print_settings_manual(void)
{
    roff_begin(stdout, "thidua-settings", 7, "the settings of thidua, from the environment");
    fputs(
        ".SH DESCRIPTION\nEvery value that does not fit is refused at start, each in a line that names it, and so is a "
        "variable THIDUA_… that is no setting.\n.B thidua settings\nshows what is in force.\n.SH SETTINGS\n",
        stdout);
    for (const struct setting *setting = all_settings; setting->name; setting++)
        print_setting_manual(setting);
    fputs(".SH SEE ALSO\n.BR thidua (1)\n", stdout);
    return ferror(stdout) != 0;
}

// ---- what is in force ----

static void print_setting_value(const struct setting *setting, struct settings *settings)
{
    char shown[1024];
    const char *value = setting_value(setting);
    if (!value)
        printf("%s: not set%s%s\n", setting->name, setting->fallback_words ? ": " : "",
               setting->fallback_words ? setting->fallback_words : "");
    else if (!setting->read(setting, value, settings))
        printf("%s: refused\n", setting->name);
    else if (setting->show)
        printf("%s=%s\n", setting->name, setting->show(value, shown, sizeof shown) ? shown : "…");
    else
        printf("%s=%s%s\n", setting->name, value, setting_is_set(setting) ? "" : " (default)");
}

static int print_values(void)
{
    struct settings settings;
    bool good = settings_read(&settings);
    for (const struct setting *setting = all_settings; setting->name; setting++)
        print_setting_value(setting, &settings);
    return good ? 0 : 1;
}

int command_settings(const struct arguments *arguments)
{
    if (argument_given(arguments, "--table"))
        return print_settings_table();
    return argument_given(arguments, "--man") ? print_settings_manual() : print_values();
}
