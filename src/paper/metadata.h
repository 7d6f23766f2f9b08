// What systems of documents keep of an outgoing paper (NĐ 30/2020/NĐ-CP, Phụ lục VI), under the decree's own names.
#ifndef THIDUA_PAPER_METADATA_H
#define THIDUA_PAPER_METADATA_H

struct arena;

// Texts; NULL is not known yet.
struct paper_metadata {
    const char *file_code; // of the archive: the registry's
    const char *type_name, *code_number, *code_notation;
    const char *issued_date; // YYYY-MM-DD
    const char *organ_name, *subject;
    const char *signer_position, *signer_name;
};

// Its members one after another, those of SignerInfo last; each is called for once.
struct paper_field {
    const char *name, *value;
    const char *group; // "SignerInfo"; NULL: none
};
enum { PAPER_FIELDS = 10 };
void paper_fields(const struct paper_metadata *metadata, struct paper_field ret_fields[static PAPER_FIELDS]);

// As XML; what is not known has no element. NULL: there was no memory.
const char *paper_metadata_xml(struct arena *arena, const struct paper_metadata *metadata);

#endif
