// Making keys: by the API and by `thidua key create`.
#ifndef THIDUA_KEYS_H
#define THIDUA_KEYS_H

enum { KEY_TEXT_SIZE = 48, KEY_HASH_SIZE = 65, KEY_NAME_MOST = 120 };

// Draws a key of 256 random bits, "thd_…", and the hexadecimal SHA-256 that is stored instead of it.
void key_draw(char text[static KEY_TEXT_SIZE], char hash[static KEY_HASH_SIZE]);

#endif
