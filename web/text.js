// Every word of the page itself, in Vietnamese and English. Words for codes come from /v1/vocabulary, all else from the API's answers.
const words = {
  skip: ["Đến nội dung", "Skip to the content"],
  service: ["Thi đua, khen thưởng", "Emulation and awards"],
  language: ["Ngôn ngữ", "Language"],
  campaign: ["Phong trào", "Campaign"],
  year: ["Năm xét", "Award year"],
  plan: ["Kế hoạch số {0}", "Plan {0}"],
  issued: ["ban hành {0}", "issued {0}"],
  loading: ["Đang tải…", "Loading…"],
  no_campaign: ["Chưa có phong trào nào.", "There is no campaign yet."],
  no_round: ["Phong trào này chưa có đợt xét.", "This campaign has no award round yet."],

  live: ["Trực tiếp", "Live"],
  not_live: ["Không trực tiếp", "Not live"],
  as_at: ["số liệu lúc {0}", "data of {0}"],
  away: ["Dịch vụ tạm thời không trả lời. Những gì thấy ở đây là của lúc {0}; trang tự đọc lại.",
    "The service does not answer at the moment. What stands here is of {0}; the page reads it again by itself."],
  away_at_start: ["Dịch vụ tạm thời không trả lời. Trang tự đọc lại.", "The service does not answer at the moment. The page reads it again by itself."],

  enter: ["Nhập khóa", "Enter a key"],
  leave: ["Thoát", "Leave"],
  key: ["Khóa truy cập", "Access key"],
  key_hint: ["Khóa chỉ được giữ trong thẻ này của trình duyệt và chỉ gửi tới dịch vụ này. Trang chỉ đọc, không ghi.",
    "The key is kept for this tab of the browser alone, and sent to this service only. The page reads and never writes."],
  open: ["Mở", "Open"],
  close: ["Đóng", "Close"],

  phase: ["Tiến độ", "Progress"],
  days_left: ["còn {0} ngày", "{0} days left"],
  day_left: ["còn 1 ngày", "1 day left"],
  last_day: ["hôm nay là ngày cuối", "today is the last day"],
  days_past: ["đã qua {0} ngày", "{0} days ago"],
  day_past: ["đã qua 1 ngày", "1 day ago"],
  no_day: ["chưa ấn định", "not set yet"],
  next: ["Hạn kế tiếp", "Next deadline"],
  all_past: ["Mọi thời hạn của đợt xét đã qua", "Every deadline of the round has passed"],
  today: ["Hôm nay", "Today"],
  days: ["{0} ngày", "{0} days"],
  one_day: ["1 ngày", "1 day"],
  published: ["Công bố", "Published"],
  under: ["mục {0}", "clause {0}"],
  calendar: ["Lịch các thời hạn (.ics)", "Calendar of deadlines (.ics)"],

  funnel: ["Từ đăng ký đến khen thưởng", "From register to award"],
  registered: ["Đối tượng thi đua", "Contestants"],
  nominated: ["Được đề nghị", "Nominated"],
  appraised: ["Đã thẩm định", "Appraised"],
  eligible: ["Đủ điều kiện", "Eligible"],
  proposed: ["Đã trình", "Proposed"],
  awarded: ["Được khen thưởng", "Awarded"],
  group: ["Nhóm", "Group"],
  by_group: ["Theo nhóm", "By group"],

  places: ["Số lượng khen thưởng", "Places"],
  cap: ["tối đa", "at most"],
  place_awarded: ["đã khen thưởng", "awarded"],
  place_secure: ["chắc chắn", "secure"],
  place_possible: ["có thể", "possible"],
  place_free: ["còn trống", "free"],
  place_left: ["còn lại", "left"],
  no_quota: ["Chưa phân bổ.", "Nothing is allocated yet."],
  of_places: ["{0} suất", "{0} places"],
  of_place: ["1 suất", "1 place"],

  duties: ["Cần chú ý", "To look at"],
  overdue: ["Nợ báo cáo năm", "Yearly report overdue"],
  nobody_overdue: ["Không đơn vị nào nợ báo cáo năm.", "No unit owes a yearly report."],
  overdue_before: ["Chưa đơn vị nào quá hạn.", "No unit is overdue."],
  show_all: ["Xem cả {0}", "Show all {0}"],
  waits: ["Đang chờ", "Waiting for"],
  waits_none: ["Không kết quả nào còn chờ.", "No result is waiting."],
  stale: ["Dữ liệu đã đổi sau lần đánh giá {0}: kết quả dưới đây có thể cũ.", "Data have changed since the evaluation of {0}: the results below may be out of date."],
  evaluated: ["Đánh giá lúc {0}", "Evaluated at {0}"],

  matrix: ["Đơn vị và tiêu chí", "Units and criteria"],
  matrix_hint: ["Dùng phím mũi tên để đi qua bảng, Enter để mở một ô.", "Arrow keys move through the table, Enter opens a cell."],
  unit: ["Đơn vị", "Unit"],
  result: ["Kết quả", "Result"],
  find: ["Tìm đơn vị", "Find a unit"],
  every_result: ["Mọi kết quả", "Every result"],
  shown: ["{0} trong {1} đơn vị", "{0} of {1} units"],
  reading_more: ["Đang đọc thêm…", "Reading more…"],

  standings: ["Xếp hạng", "Standings"],
  rank_of: ["{0}/{1}", "{0} of {1}"],
  decided_by: ["{0}: kém {1} so với {2}", "{0}: {1} behind {2}"],
  decided_ahead: ["{0}: hơn {1} so với {2}", "{0}: {1} ahead of {2}"],
  decided_equal: ["{0}, so với {1}", "{0}, against {1}"],
  tied: ["Bằng điểm với {0}", "Tied with {0}"],
  overridden: ["Người quyết định khác kết quả tính: {0}", "People decided otherwise than computed: {0}"],
  waits_own: ["Chờ kết quả của chính đơn vị", "Waits for a result of its own"],
  waits_on: ["Chờ kết quả của {0}", "Waits for results of {0}"],
  out_more: ["{0} đơn vị ngoài số lượng", "{0} units outside the number"],

  awards: ["Khen thưởng đã công bố", "Published awards"],
  no_awards: ["Chưa công bố khen thưởng nào của phong trào này.", "No award of this campaign has been published yet."],
  decision: ["Quyết định", "Decision"],
  signed: ["Ngày ký", "Signed"],
  bonus: ["Tiền thưởng", "Bonus"],
  revoked: ["Đã hủy bỏ theo {0}", "Revoked by {0}"],
  corrected: ["Đính chính: {0}", "Corrected: {0}"],
  now: ["nay là {0}", "now {0}"],
  csv: ["CSV", "CSV"],

  papers: ["Giấy tờ và tệp", "Papers and files"],
  paper_decision: ["Quyết định khen thưởng", "Award decision"],
  paper_awards: ["Danh sách khen thưởng", "List of awards"],
  paper_contestants: ["Danh sách đối tượng thi đua", "Register of contestants"],
  paper_obligations: ["Đơn vị phải gửi báo cáo", "Who owes a report"],
  paper_reports: ["Báo cáo năm", "Yearly reports"],
  paper_findings: ["Kết luận thẩm định", "Findings"],
  paper_verdicts: ["Kết quả từng đơn vị", "Verdicts"],
  paper_proposal: ["Tờ trình Chủ tịch", "Proposal to the Chair"],
  paper_round: ["Báo cáo tổng kết năm", "Report of the year"],
  paper_summary: ["Bảng tổng hợp trình Chủ tịch", "Summary for the Chair"],
  paper_notifications: ["Kết quả phải thông báo", "Results to be told"],
  paper_decisions: ["Danh sách quyết định", "List of decisions"],
  paper_dossiers: ["Danh sách hồ sơ", "List of dossiers"],
  paper_letter: ["Tờ trình", "Letter"],
  paper_minutes: ["Biên bản họp Hội đồng", "Minutes of the council"],
  paper_report: ["Báo cáo thành tích: {0}", "Achievement report: {0}"],
  paper_results: ["Thông báo kết quả", "Notice of results"],
  paper_bundle: ["Trọn bộ hồ sơ", "The whole dossier"],
  papers_each: ["Giấy tờ của từng hồ sơ, từng quyết định", "Papers of each dossier and decision"],
  papers_none: ["Chưa có hồ sơ hay quyết định nào.", "There are no dossiers or decisions yet."],
  decisions: ["Quyết định", "Decisions"],
  dossiers: ["Hồ sơ", "Dossiers"],
  failed: ["Không tải được: {0}", "Could not be fetched: {0}"],

  cell_law: ["Căn cứ", "Legal basis"],
  cell_part: ["Từng điều kiện", "Condition by condition"],
  back: ["Về đợt xét", "Back to the round"],

  unit_missing: ["Còn thiếu", "What is missing"],
  unit_nothing: ["Không còn thiếu điều gì.", "Nothing is missing."],
  unit_no_verdict: ["Chưa có kết quả xét cho đơn vị này.", "There is no verdict on this unit yet."],
  unit_dates: ["Thời hạn", "By when"],
  report: ["Báo cáo năm", "Yearly report"],
  dossier: ["Hồ sơ", "Dossier"],
  received: ["nhận {0}", "received {0}"],
  due: ["hạn {0}", "due {0}"],
  not_received: ["chưa nhận", "not received"],
  unit_years: ["Qua các năm", "Year by year"],
  unit_no_years: ["Chưa có dữ liệu năm nào.", "Nothing is kept of any year yet."],
  index: ["Chỉ số", "Index"],
  was_nominated: ["được đề nghị", "nominated"],
  was_awarded: ["được khen thưởng", "awarded"],
  content_rank: ["Hạng trong nhóm", "Rank in the group"],
  score_total: ["Tổng điểm nội dung", "Total of contents"],
  all_met: ["{0}/{1} tiêu chí đạt", "{0} of {1} criteria met"],

  docs: ["Tài liệu giao diện", "Documentation of the interface"],
  links: ["Mọi dữ liệu (JSON)", "All data (JSON)"],
  foot: ["Trang chỉ trình bày những gì dịch vụ trả lời cho người đang xem.", "The page shows what the service answers to whoever looks, and nothing else."],
};

const languages = ["vi", "en"];
export const languageNames = { vi: "Tiếng Việt", en: "English" };
let at = languages.indexOf(keptLanguage());
let vocabulary = new Map();

function keptLanguage() {
  try {
    return localStorage.getItem("language") === "en" ? "en" : "vi";
  } catch { return "vi"; } // a browser that keeps nothing
}

export const language = () => languages[at];

export function chooseLanguage(code) {
  at = languages.indexOf(code);
  document.documentElement.lang = code;
  try { localStorage.setItem("language", code); } catch { /* a browser that keeps nothing */ }
}

export const say = (name, ...values) => words[name][at].replace(/\{(\d)\}/g, (_, place) => values[place]);

// A text that the API gives in both languages, or in one.
export const both = (text) => (typeof text === "string" ? text : text?.[language()] ?? text?.vi ?? "");

export function useVocabulary(answer) {
  vocabulary = new Map(answer.vocabularies.map(({ name, codes }) => [name, new Map(codes.map((code) => [code.code, code]))]));
}

export const wordsFor = (name, code) => both(vocabulary.get(name)?.get(code)) || code || "";
export const codesOf = (name) => [...(vocabulary.get(name)?.keys() ?? [])];

// Days and instants come with Vietnam's offset: what they say is shown as it stands.
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
export function day(text) {
  if (!text) return "";
  const [year, month, date] = text.slice(0, 10).split("-");
  return language() === "vi" ? `${date}/${month}/${year}` : `${Number(date)} ${months[month - 1]} ${year}`;
}
export const instant = (text) => (text ? `${text.slice(11, 16)} ${day(text)}` : "");

export const number = (value) => new Intl.NumberFormat(language()).format(value);
export const decimal = (text) => (language() === "vi" ? String(text).replace(".", ",") : String(text));
export const money = (value) => (value === null || value === undefined ? "" : `${number(value)} đ`);

// For search: without diacritics and case.
export const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();

export function distance(days) {
  if (days === null || days === undefined) return say("no_day");
  if (days === 0) return say("last_day");
  const size = number(Math.abs(days));
  if (days > 0) return days === 1 ? say("day_left") : say("days_left", size);
  return days === -1 ? say("day_past") : say("days_past", size);
}
