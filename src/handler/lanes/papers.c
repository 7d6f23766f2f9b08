// A resource as an official paper, where Accept asks for one: made as a file on a worker, then sent. The paper is in
// Vietnamese, whatever language the caller reads.
#include "base/temporary.h"
#include "handler/lanes/work.h"
#include "handler/table/file_reply.h"
#include "http/route.h"
#include "paper/paper.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct paper_file {
    int descriptor; // -1: none
};

struct paper_form {
    const char *type, *ending;
    paper_writer *write;
};
static const struct paper_form docx_form = {DOCX_TYPE, "docx", paper_write_docx};
static const struct paper_form pdf_form = {PDF_TYPE, "pdf", paper_write_pdf};

static void release_paper_file(void *thing)
{
    struct paper_file *file = thing;
    if (file->descriptor >= 0)
        close(file->descriptor);
}

static bool open_paper_file(struct request *request, int *ret_descriptor)
{
    struct paper_file *file = arena_new(&request->arena, struct paper_file);
    file->descriptor = temporary_file();
    defer(request, release_paper_file, file);
    *ret_descriptor = file->descriptor;
    return file->descriptor >= 0 || refuse(request, PROBLEM_UNAVAILABLE, NULL);
}

// The strong validator of the file's bytes: the same paper is the same file.
static const char *etag_of_file(struct request *request, int descriptor, uint64_t size)
{
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (bytes == MAP_FAILED)
        return NULL;
    const char *etag = etag_of(request, NULL, bytes, size);
    munmap(bytes, size);
    return etag;
}

static struct reply make_paper(struct request *request, struct session *session, const struct paper_form *form)
{
    enum language asked = request->language;
    int descriptor;
    uint64_t size;
    request->language = VIETNAMESE;
    const struct paper *paper = request->route->paper(request, session);
    request->language = asked;
    if (!paper || !open_paper_file(request, &descriptor))
        return refusal(request);
    enum paper_fault fault = form->write(paper, descriptor, &size);
    if (fault != PAPER_FINE) {
        refuse_paper(request, fault);
        return refusal(request);
    }
    request->language = VIETNAMESE; // of what is sent
    struct reply reply =
        file_reply(request, descriptor, size, form->type, file_disposition(request, paper_name(paper), form->ending));
    if (!request->route->cache_control || strcmp(request->route->cache_control, "no-store") != 0)
        reply.etag = etag_of_file(request, descriptor, size);
    return reply;
}

static struct reply make_docx(struct request *request, struct session *session)
{
    return make_paper(request, session, &docx_form);
}

static struct reply make_pdf(struct request *request, struct session *session)
{
    return make_paper(request, session, &pdf_form);
}

bool paper_start(struct request *request)
{
    const char *wanted = request->route->paper ? route_offer_wanted(request) : NULL;
    bool docx = wanted && strcmp(wanted, DOCX_TYPE) == 0, pdf = wanted && strcmp(wanted, PDF_TYPE) == 0;
    if (docx || pdf)
        compute_start(request, docx ? make_docx : make_pdf);
    return docx || pdf;
}
