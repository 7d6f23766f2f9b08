// The standings of all forms of award, as they are shown.
#include "engine/json/forms/forms_json.h"

static json_t *words_json(struct bilingual text)
{
    return json_pack("{s:s, s:s}", "vi", text.vi, "en", text.en);
}

static void add_form_of(json_t *item, const struct award_forms *forms, size_t form, const struct form_standings *all,
                        const struct standing *row)
{
    const struct award_form *own = &forms->items[form];
    size_t higher = all[form].higher[row->contestant];
    json_object_set_new(item, "form", json_string(own->code));
    json_object_set_new(item, "form_label", words_json(own->text));
    json_object_set_new(item, "tier",
                        row->tier < own->tier_count ? json_string(own->tiers[row->tier].name) : json_null());
    json_object_set_new(item, "tier_label",
                        row->tier < own->tier_count ? words_json(own->tiers[row->tier].text) : json_null());
    json_object_set_new(item, "higher_form",
                        higher < forms->count ? json_string(forms->items[higher].code) : json_null());
}

static json_t *tiers_json(const struct award_form *form)
{
    json_t *tiers = json_array();
    for (size_t t = 0; t < form->tier_count; t++)
        json_array_append_new(tiers,
                              json_pack("{s:s, s:o, s:I}", "tier", form->tiers[t].name, "label",
                                        words_json(form->tiers[t].text), "places", (json_int_t)form->tiers[t].places));
    return tiers;
}

// The forms may have more places together than the year has awards (III.2.b): no more than those are signed.
static json_t *beyond_cap_json(const json_t *inputs, json_int_t places)
{
    static const struct bilingual text = {
        "Các hình thức có tổng số suất vượt mức trần của năm: chỉ được ký khen thưởng đến mức trần",
        "The forms have more places together than the cap of the year: awards are signed up to the cap only"};
    const json_t *of_year = json_object_get(inputs, "cap_of_year");
    json_int_t cap = json_integer_value(of_year);
    return of_year && places > cap
               ? json_pack("{s:I, s:I, s:o}", "cap", cap, "places", places, "text", words_json(text))
               : json_null();
}

static json_t *counted_places_json(const struct standings_input *input)
{
    const struct quota *top = input->quotas;
    return json_pack("{s:I, s:I, s:I, s:I}", "count", (json_int_t)(top->places - top->open), "most",
                     (json_int_t)top->places, "counted", (json_int_t)top->eligible, "counted_most",
                     (json_int_t)(top->eligible + top->undetermined));
}

json_t *eligible_places_to_json(const struct award_forms *forms, const struct form_standings *all)
{
    json_t *json = NULL;
    for (size_t f = 0; f < forms->count; f++) {
        const struct standings_input *input = &all[f].input;
        if (!input->share || !input->quota_count)
            continue;
        json_t *places = counted_places_json(input), *quotas = json_object();
        for (size_t q = 0; q < input->quota_count; q++)
            json_object_set_new(quotas, input->quotas[q].name,
                                json_integer((json_int_t)(input->quotas[q].places - input->quotas[q].open)));
        json_object_set_new(places, "quotas", quotas);
        json = json ? json : json_object();
        json_object_set_new(json, forms->items[f].code, places);
    }
    return json;
}

// As they were frozen, and what became of a share that the verdicts decide on.
static json_t *places_json(const json_t *frozen, const struct award_forms *forms, size_t form,
                           const struct standings_input *input)
{
    json_t *places = frozen ? json_copy((json_t *)(uintptr_t)frozen) : json_null();
    json_t *counted = frozen && input->share && input->quota_count ? counted_places_json(input) : NULL;
    if (counted)
        json_object_update(places, counted);
    if (counted && input->share->form != form)
        json_object_set_new(places, "form", json_string(forms->items[input->share->form].code));
    json_decref(counted);
    return places;
}

json_t *forms_to_json(const struct award_forms *forms, const struct form_standings *all, const json_t *inputs,
                      enum audience audience)
{
    json_t *items = json_array(), *list = json_array();
    json_int_t cap = 0, taken = 0;
    bool allocated = false, exceed = false, exact = true;
    size_t together = 0;
    for (size_t f = 0; f < forms->count; f++)
        together += all[f].standings.count;
    for (size_t f = 0; f < forms->count; f++) {
        json_t *one = standings_to_json(&all[f].input, &all[f].standings, together, audience);
        json_t *rows = json_object_get(one, "items"), *row;
        const json_t *frozen =
            json_object_get(json_object_get(json_object_get(inputs, "forms"), forms->items[f].code), "places");
        size_t i;
        json_array_foreach(rows, i, row)
        {
            add_form_of(row, forms, f, all, &all[f].standings.rows[i]);
            json_array_append(items, row);
        }
        json_t *tiers = tiers_json(&forms->items[f]);
        cap += json_integer_value(json_object_get(one, "cap"));
        taken += json_integer_value(json_object_get(one, "taken"));
        allocated = allocated || json_is_true(json_object_get(one, "allocated"));
        exact = exact && !all[f].standings.inexact;
        exceed = exceed || all[f].standings.overrides_exceed_cap;
        json_array_append_new(list, json_pack("{s:s, s:o, s:O, s:O, s:O, s:b, s:b, s:o, s:o}", "form",
                                              forms->items[f].code, "label", words_json(forms->items[f].text), "cap",
                                              json_object_get(one, "cap"), "taken", json_object_get(one, "taken"),
                                              "allocated", json_object_get(one, "allocated"), "overrides_exceed_cap",
                                              all[f].standings.overrides_exceed_cap, "exact", !all[f].standings.inexact,
                                              "places", places_json(frozen, forms, f, &all[f].input), "tiers", tiers));
        json_decref(one);
    }
    return json_pack("{s:I, s:o, s:I, s:b, s:b, s:b, s:o, s:o}", "cap", cap, "beyond_cap", beyond_cap_json(inputs, cap),
                     "taken", taken, "allocated", allocated, "overrides_exceed_cap", exceed, "exact", exact, "items",
                     items, "forms", list);
}
