// Whose request it is, where proxies stand in between: THIDUA_TRUSTED_PROXIES. Of what the field says only that counts
// which a trusted proxy has added: read from the right, each hop is believed because the one behind it is trusted.
// Anybody may have written what stands further left.
#ifndef THIDUA_HTTP_TRANSPORT_FORWARDED_H
#define THIDUA_HTTP_TRANSPORT_FORWARDED_H

#include "base/network.h"

enum { TRUSTED_MAX = 64 };

// Networks, separated by commas; NULL: nobody is trusted. False where an entry is none.
bool forwarded_trust(const char *networks);
// The one field that the trusted proxies set: `Forwarded` (RFC 7239), or else X-Forwarded-For. Only that one is read:
// they pass on the other as the client has sent it.
void forwarded_use(bool standard);
bool forwarded_is_standard(void);

// Of the field's value (NULL: there is none) the nearest hop that is no trusted proxy. Where that is not an address
// ("unknown", "_hidden", garbage), and where the field cannot be read: the last proxy that can be believed.
struct address forwarded_caller(const struct address *peer, const char *value);

#endif
