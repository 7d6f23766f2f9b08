// The parts of a Word document beside its text.
#include "paper/docx.h"

#define XML_HEAD        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define WRITING         "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define PACKAGE         "http://schemas.openxmlformats.org/package/2006/"
#define RELATION        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define WORD_TYPE(part) "application/vnd.openxmlformats-officedocument.wordprocessingml." part "+xml"

// The fonts of the decree; Liberation Serif stands in where there is none.
#define FONTS                                                                                                          \
    "<w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:cs=\"Times New Roman\" w:eastAsia=\"Times "   \
    "New Roman\"/>"

const struct docx_part docx_parts[] = {
    {"[Content_Types].xml",
     XML_HEAD "<Types xmlns=\"" PACKAGE "content-types\">"
              "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
              "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
              "<Override PartName=\"/word/document.xml\" ContentType=\"" WORD_TYPE(
                  "document.main") "\"/>"
                                   "<Override PartName=\"/word/styles.xml\" ContentType=\"" WORD_TYPE(
                                       "styles") "\"/>"
                                                 "<Override PartName=\"/word/header1.xml\" ContentType=\"" WORD_TYPE(
                                                     "header") "\"/>"
                                                               "<Override PartName=\"/docProps/core.xml\" "
                                                               "ContentType=\"application/"
                                                               "vnd.openxmlformats-package.core-properties+xml\"/>"
                                                               "</Types>"},
    {"_rels/.rels",
     XML_HEAD "<Relationships xmlns=\"" PACKAGE "relationships\">"
              "<Relationship Id=\"rId1\" Type=\"" RELATION "officeDocument\" Target=\"word/document.xml\"/>"
              "<Relationship Id=\"rId2\" Type=\"" PACKAGE
              "relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>"
              "</Relationships>"},
    {"word/_rels/document.xml.rels",
     XML_HEAD "<Relationships xmlns=\"" PACKAGE "relationships\">"
              "<Relationship Id=\"rId1\" Type=\"" RELATION "styles\" Target=\"styles.xml\"/>"
              "<Relationship Id=\"rId2\" Type=\"" RELATION "header\" Target=\"header1.xml\"/>"
              "</Relationships>"},
    {"word/styles.xml", XML_HEAD
     "<w:styles xmlns:w=\"" WRITING "\">"
     "<w:docDefaults><w:rPrDefault><w:rPr>" FONTS "<w:sz w:val=\"28\"/><w:szCs w:val=\"28\"/>"
     "<w:lang w:val=\"vi-VN\" w:eastAsia=\"vi-VN\" w:bidi=\"ar-SA\"/></w:rPr></w:rPrDefault>"
     "<w:pPrDefault><w:pPr><w:spacing w:before=\"0\" w:after=\"0\"/></w:pPr></w:pPrDefault></w:docDefaults>"
     "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name "
     "w:val=\"Normal\"/><w:qFormat/></w:style>"
     "<w:style w:type=\"paragraph\" w:styleId=\"Heading1\"><w:name w:val=\"heading 1\"/><w:basedOn w:val=\"Normal\"/>"
     "<w:next w:val=\"Normal\"/><w:qFormat/><w:pPr><w:keepNext/><w:outlineLvl w:val=\"0\"/></w:pPr></w:style>"
     "<w:style w:type=\"paragraph\" w:styleId=\"Heading2\"><w:name w:val=\"heading 2\"/><w:basedOn w:val=\"Normal\"/>"
     "<w:next w:val=\"Normal\"/><w:qFormat/><w:pPr><w:keepNext/><w:outlineLvl w:val=\"1\"/></w:pPr></w:style>"
     "<w:style w:type=\"table\" w:default=\"1\" w:styleId=\"TableNormal\"><w:name w:val=\"Normal Table\"/>"
     "<w:tblPr><w:tblInd w:w=\"0\" w:type=\"dxa\"/></w:tblPr></w:style>"
     "</w:styles>"},
    {"word/header1.xml", XML_HEAD "<w:hdr xmlns:w=\"" WRITING "\"><w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr>"
                                  "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText "
                                  "xml:space=\"preserve\"> PAGE </w:instrText></w:r>"
                                  "<w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>2</w:t></w:r>"
                                  "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p></w:hdr>"},
    {NULL, NULL},
};

static void write_property(struct docx *docx, const char *name, const char *text)
{
    docx_open(docx, name);
    docx->failed |= xmlTextWriterWriteString(docx->xml, (const xmlChar *)text) < 0;
    docx_close(docx);
}

void docx_properties(struct docx *docx)
{
    docx_open(docx, "cp:coreProperties");
    docx_attribute(docx, "xmlns:cp", PACKAGE "metadata/core-properties");
    docx_attribute(docx, "xmlns:dc", "http://purl.org/dc/elements/1.1/");
    write_property(docx, "dc:title", docx->paper->title);
    write_property(docx, "dc:creator", "thidua");
    write_property(docx, "dc:language", "vi-VN");
    docx_close(docx);
}
