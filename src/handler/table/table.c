#include "handler/table/table.h"

#include "base/pure/labels.h"
#include "http/input/rows.h"

#include <string.h>

static const char joint[] = "; ";

static bool reads_english(const struct request *request)
{
    return request->language == ENGLISH;
}

static const char *yes_or_no(const struct request *request, bool yes)
{
    if (reads_english(request))
        return yes ? "yes" : "no";
    return yes ? "có" : "không";
}

// The member that the first name of a path names, and the rest of the path.
static const json_t *step_into(const struct request *request, const json_t *value, const char **path)
{
    size_t length = strcspn(*path, ".[+");
    const char *name = *path;
    *path += length;
    if (length == 1 && *name == '@')
        return json_object_get(value, request->language == ENGLISH ? "en" : "vi");
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)(uintptr_t)value, key,
                        member) if (strncmp(key, name, length) == 0 && !key[length]) return member;
    return NULL;
}

// What a reader sees of a text: the label of a code. The vocabulary ends at '+' or at its end.
static const char *shown_text(struct request *request, const char *text, const char *codes)
{
    size_t length = codes ? strcspn(codes, "+") : 0;
    if (!text || !length)
        return text;
    return label_of(arena_copy(&request->arena, codes, length), text, reads_english(request));
}

// The vocabulary of the next part of "a+b".
static const char *next_codes(const char *codes)
{
    const char *plus = codes ? strchr(codes, '+') : NULL;
    return plus ? plus + 1 : NULL;
}

static const char *scalar_text(struct request *request, const json_t *value)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value))
        return arena_format(&request->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_boolean(value))
        return yes_or_no(request, json_is_true(value));
    return NULL; // decimals are strings in every answer; an object has no text
}

static const char *join_texts(struct request *request, const char *one, const char *between, const char *other)
{
    if (!one || !other)
        return one ? one : other;
    return arena_format(&request->arena, "%s%s%s", one, between, other);
}

static const json_t *scalar_at(const struct request *request, const json_t *value, const char **path)
{
    while (value && **path && **path != '+' && **path != '[') {
        value = step_into(request, value, path);
        *path += **path == '.';
    }
    return value;
}

static const char *joined_items(struct request *request, const json_t *list, const char *path, const char *codes);

// "a+b.c" of one item of a list; "" is the item itself. "a+b[].c+d" takes the rest of the path for a list inside it,
// and the rest of the vocabularies.
static const char *item_text(struct request *request, const json_t *item, const char *path, const char *codes)
{
    const char *text = NULL;
    do {
        const json_t *value = scalar_at(request, item, &path);
        bool inner = *path == '[';
        const char *part = inner ? joined_items(request, value, path + 2, codes)
                                 : shown_text(request, scalar_text(request, value), codes);
        text = join_texts(request, text, ": ", part && *part ? part : NULL);
        path += inner ? strlen(path) : strcspn(path, "+");
        codes = next_codes(codes);
    } while (*path++ == '+');
    return text;
}

static const char *joined_items(struct request *request, const json_t *list, const char *path, const char *codes)
{
    const char **texts = arena_array(&request->arena, json_array_size(list) + 1, sizeof *texts);
    size_t i, count = 0, length = 1;
    const json_t *item;
    path += *path == '.';
    json_array_foreach(list, i, item) if ((texts[count] = item_text(request, item, path, codes))) length +=
        strlen(texts[count++]) + sizeof joint;
    char *text = arena_allocate(&request->arena, length), *end = text;
    for (i = 0; i < count; i++)
        end = stpcpy(stpcpy(end, i ? joint : ""), texts[i]);
    return text;
}

bool is_joined(const char *text)
{
    return strstr(text, joint);
}

struct cell table_cell(struct request *request, const struct column *column, const json_t *item)
{
    const char *path = column->member;
    const json_t *value = item;
    while (value && *path && *path != '[') {
        value = step_into(request, value, &path);
        path += *path == '.';
    }
    if (*path == '[')
        return (struct cell){.text = joined_items(request, value, path + 2, column->codes)};
    if (json_is_integer(value))
        return (struct cell){.number = json_integer_value(value), .is_number = true};
    return (struct cell){.text = shown_text(request, scalar_text(request, value), column->codes)};
}

struct cell table_cell_read(struct request *request, const struct column *column, const char *text)
{
    const char *list = strchr(column->member, '[');
    if (!list || !text)
        return (struct cell){.text = shown_text(request, text, column->codes)};
    json_t *items = json_loads(text, JSON_DECODE_ANY, NULL);
    struct cell cell = {.text = joined_items(request, items, list + 2, column->codes)};
    json_decref(items);
    return cell;
}

const char *table_heading(const struct request *request, const struct column *column)
{
    return request->language == ENGLISH ? column->en : column->vi;
}

const char *table_disposition(struct request *request, const char *extension)
{
    const char *name = "", *path = request->route->path;
    size_t length = 0;
    while ((path = strchr(path, '/'))) {
        path++;
        if (*path != '{') {
            name = path;
            length = strcspn(path, "/");
        }
    }
    return arena_format(&request->arena, "attachment; filename=\"%.*s.%s\"", (int)length, name, extension);
}

// ---- CSV ----

const char *apostrophes_kept(struct request *request, const char *text)
{
    size_t own = strspn(text, "'");
    return own && is_formula(text + own) ? arena_format(&request->arena, "'%s", text) : text;
}

static void write_quoted(FILE *out, const char *text, bool guarded)
{
    // An apostrophe makes a formula a text; one more stands before those of a text's own (apostrophes_kept). What some
    // spreadsheets part cells at beside commas is quoted too: what comes after it would be a cell of its own.
    bool guard = guarded && is_formula(text + strspn(text, "'")), quoted = text[strcspn(text, ",;\t\"\r\n")];
    fputs(quoted && guard ? "\"'" : quoted ? "\"" : guard ? "'" : "", out);
    for (const char *quote; quoted && (quote = strchr(text, '"')); text = quote + 1) {
        fwrite(text, 1, (size_t)(quote - text), out);
        fputs("\"\"", out);
    }
    fputs(text, out);
    fputs(quoted ? "\"" : "", out);
}

const char *decimals_shown(struct request *request, const char *text)
{
    if (reads_english(request) || !strchr(text, '.'))
        return text;
    char *own = arena_text(&request->arena, text);
    for (char *c = own; (c = strchr(c, '.')); c++)
        *c = ',';
    return own;
}

static void write_cell(struct request *request, FILE *out, const struct column *column, const struct cell *cell)
{
    if (cell->is_number)
        fprintf(out, "%" JSON_INTEGER_FORMAT, cell->number);
    else if (cell->text && column->type == COLUMN_DECIMAL)
        write_quoted(out, decimals_shown(request, cell->text), false); // "-1.50" is a number of ours, and no formula
    else if (cell->text)
        write_quoted(out, cell->text, true);
}

void csv_heading(struct request *request, FILE *out)
{
    fputs("\xEF\xBB\xBF", out);
    for (const struct column *const *c = request->columns; *c; c++) {
        fputs(c > request->columns ? "," : "", out);
        write_quoted(out, table_heading(request, *c), true);
    }
    fputs("\r\n", out);
}

json_t *table_rows(const struct request *request, json_t *items)
{
    const char *rows_of = request->route->rows_of;
    json_t *rows = json_array();
    const json_t *item, *element;
    size_t i, j;
    if (!rows_of) {
        json_decref(rows);
        return json_incref(items);
    }
    json_array_foreach(items, i, item) json_array_foreach(json_object_get(item, rows_of), j, element)
    {
        json_t *row = json_copy((json_t *)(uintptr_t)item);
        json_object_set(row, rows_of, (json_t *)(uintptr_t)element);
        json_array_append_new(rows, row);
    }
    return rows;
}

void csv_row(struct request *request, FILE *out, const struct cell cells[])
{
    for (size_t i = 0; request->columns[i]; i++) {
        fputs(i ? "," : "", out);
        write_cell(request, out, request->columns[i], &cells[i]);
    }
    fputs("\r\n", out);
}
