// How the text of a setting becomes its value. Each function is a `read` of struct setting.
#ifndef THIDUA_APP_SETTING_READERS_H
#define THIDUA_APP_SETTING_READERS_H

#include "app/settings.h"

bool read_text(const struct setting *setting, const char *value, struct settings *settings);
bool read_number(const struct setting *setting, const char *value, struct settings *settings);
bool read_database(const struct setting *setting, const char *value, struct settings *settings);
bool read_primary(const struct setting *setting, const char *value, struct settings *settings);
bool read_claim(const struct setting *setting, const char *value, struct settings *settings);
bool read_listen(const struct setting *setting, const char *value, struct settings *settings);
bool read_log(const struct setting *setting, const char *value, struct settings *settings);
bool read_log_without(const struct setting *setting, const char *value, struct settings *settings);
bool read_trusted_proxies(const struct setting *setting, const char *value, struct settings *settings);
bool read_forwarded_field(const struct setting *setting, const char *value, struct settings *settings);
bool read_origins(const struct setting *setting, const char *value, struct settings *settings);
bool read_jwks(const struct setting *setting, const char *value, struct settings *settings);
bool read_role_map(const struct setting *setting, const char *value, struct settings *settings);
bool read_webhook_allow(const struct setting *setting, const char *value, struct settings *settings);
bool read_pauses(const struct setting *setting, const char *value, struct settings *settings);
bool read_now(const struct setting *setting, const char *value, struct settings *settings);

#endif
