"""openapi.yaml as pages for people: nothing is loaded from elsewhere, any browser and paper can show them, and they can be read
without their script, which only filters, copies and marks where one is. page.html is the frame, page.css and page.js go into it."""
import re

from .frame import POLICY
from .operations import Operations
from .schemas import Schemas

__all__ = ["POLICY", "pages"]


def pages(document, problems):
    """path → page."""
    written = {page.path: page.write() for page in (Operations(document, problems), Schemas(document))}
    return {path: connected(path, text, written) for path, text in written.items()}


def connected(path, text, written):
    """A link to an anchor that stands on another page leads there: who writes one need not know where that is."""
    homes = {anchor: home for home, other in written.items() for anchor in re.findall(r' id="([^"]+)"', other)}
    homes |= {anchor: path for anchor in re.findall(r' id="([^"]+)"', text)}
    return re.sub(r'href="#([^"]+)"', lambda link: link[0] if homes[link[1]] == path else f'href="{homes[link[1]]}#{link[1]}"', text)
