// A resource as an official paper, where Accept asks for one: made as a file on a worker, then sent. The paper is in
// Vietnamese, whatever language the caller reads.
#include "handler/lanes/work.h"
#include "handler/table/file_reply.h"
#include "http/route.h"
#include "paper/paper.h"

#include <string.h>
#include <sys/mman.h>

struct paper_form {
    const char *type, *ending;
    paper_writer *write;
};
static const struct paper_form docx_form = {DOCX_TYPE, "docx", paper_write_docx};
static const struct paper_form pdf_form = {PDF_TYPE, "pdf", paper_write_pdf};

// The strong validator of the file's bytes: the same paper is the same file.
static const char *etag_of_file(struct request *request, const struct temporary *file)
{
    void *bytes = mmap(NULL, file->size, PROT_READ, MAP_PRIVATE, file->descriptor, 0);
    if (bytes == MAP_FAILED)
        return NULL;
    const char *etag = etag_of(request, NULL, bytes, file->size);
    munmap(bytes, file->size);
    return etag;
}

static struct reply make_paper(struct request *request, struct session *session, const struct paper_form *form)
{
    enum language asked = request->language;
    struct temporary *file;
    request->language = VIETNAMESE;
    const struct paper *paper = request->route->paper(request, session);
    request->language = asked;
    if (!paper || !(file = request_file(request)))
        return refusal(request);
    enum paper_fault fault = form->write(paper, file);
    if (fault != PAPER_FINE) {
        refuse_paper(request, fault);
        return refusal(request);
    }
    request->language = VIETNAMESE; // of what is sent
    struct reply reply =
        file_reply(request, file, form->type, file_disposition(request, paper_name(paper), form->ending));
    if (!request->route->cache_control || strcmp(request->route->cache_control, "no-store") != 0)
        reply.etag = etag_of_file(request, file);
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
