#include "base/network.h"

#include "thidua/decimal.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static const struct address mapped = {{[10] = 0xff, [11] = 0xff}};

bool address_read(const char *text, struct address *ret_address)
{
    *ret_address = mapped;
    return inet_pton(AF_INET, text, ret_address->bytes + 12) == 1 || inet_pton(AF_INET6, text, ret_address->bytes) == 1;
}

bool address_of_socket(const struct sockaddr *socket, struct address *ret_address)
{
    *ret_address = mapped;
    if (socket->sa_family == AF_INET)
        memcpy(ret_address->bytes + 12, &((const struct sockaddr_in *)(const void *)socket)->sin_addr, 4);
    else if (socket->sa_family == AF_INET6)
        memcpy(ret_address->bytes, &((const struct sockaddr_in6 *)(const void *)socket)->sin6_addr, ADDRESS_SIZE);
    else
        return false;
    return true;
}

bool address_is_ipv4(const struct address *address)
{
    return memcmp(address->bytes, mapped.bytes, 12) == 0;
}

// Not by inet_ntop(), which calls printf(): every request's line in the log has one.
static void write_ipv4(const unsigned char bytes[static 4], char ret_text[static ADDRESS_TEXT_SIZE])
{
    char *end = ret_text, number[DECIMAL_TEXT_SIZE];
    for (int i = 0; i < 4; i++) {
        end = mempcpy(end, number, decimal_format(bytes[i], 0, number));
        *end++ = i < 3 ? '.' : '\0';
    }
}

void address_write(const struct address *address, char ret_text[static ADDRESS_TEXT_SIZE])
{
    if (address_is_ipv4(address))
        write_ipv4(address->bytes + 12, ret_text);
    else if (!inet_ntop(AF_INET6, address->bytes, ret_text, ADDRESS_TEXT_SIZE))
        ret_text[0] = '\0';
}

// "16"; `most` where nothing is said.
static bool read_bits(const char *text, unsigned most, unsigned *ret_bits)
{
    size_t length = strlen(text);
    *ret_bits = length ? (unsigned)strtoul(text, NULL, 10) : most;
    return length <= 3 && strspn(text, "0123456789") == length && *ret_bits <= most;
}

bool network_read(const char *text, struct network *ret_network)
{
    char address[64];
    size_t length = strcspn(text, "/");
    unsigned bits;
    if (length >= sizeof address || (text[length] && !text[length + 1]))
        return false;
    memcpy(address, text, length);
    address[length] = '\0';
    if (!address_read(address, &ret_network->address))
        return false;
    unsigned most = strchr(address, ':') ? 128 : 32;
    if (!read_bits(text + length + (text[length] != '\0'), most, &bits))
        return false;
    ret_network->bits = bits + 128 - most;
    return true;
}

bool network_holds(const struct network *network, const struct address *address)
{
    size_t whole = network->bits / 8;
    unsigned rest = network->bits % 8;
    return memcmp(address->bytes, network->address.bytes, whole) == 0 &&
           (!rest || (address->bytes[whole] ^ network->address.bytes[whole]) >> (8 - rest) == 0);
}
