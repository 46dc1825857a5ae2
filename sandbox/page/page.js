/* The sandbox's page. Everything that people or the app wrote becomes text nodes, never HTML. */
"use strict";

// ---------------------------------------------------------------- words of the page

const WORDS = {
  en: {
    actAs: "Acting as", home: "Home", messages: "Messages", about: "About", channels: "Channels", dms: "Direct messages", app: "App",
    hour: "+1 hour", day: "+1 day", morning: "Next working morning 09:00", set: "Set…", run: "Run", pause: "Pause",
    onlyYou: "Only visible to you", edited: "(edited)", reply: "Reply in thread", thread: "Thread", close: "Close", cancel: "Cancel", back: "Back",
    send: "Send", replies: (n) => (n === 1 ? "1 reply" : `${n} replies`), messageTo: (x) => `Message ${x}`, replyHere: "Reply…",
    emptyChannel: "Nothing here yet.", emptyHome: "The app has published no Home for this person yet.", notMember: "You are not in this channel.", join: "Join channel",
    archived: "This channel is archived.", readOnly: "Sending messages to this app has been turned off.", shortcuts: "Shortcuts", more: "More actions", attach: "Attach a file",
    optional: "(optional)", choose: "Choose…", search: "Type to search…", atLeast: (n) => `Type at least ${n} character${n === 1 ? "" : "s"}`, nothing: "Nothing found", addMore: "Add…",
    connected: "App connected", disconnected: "App not connected", http: "HTTP delivery", none: "None", noShortcuts: "The app has none", fileOne: "Choose files",
    timeout: "The app did not answer within 3 seconds.", failed: "The app could not be reached.", setTitle: "Set the procedure's clock", ok: "Set", guest: "guest", gone: "deactivated", working: "Sending…", commands: "Commands", copy: "Copy link", required: "Please complete this required field.",
  },
  "zh-Hant": {
    actAs: "目前身分", home: "首頁", messages: "訊息", about: "關於", channels: "頻道", dms: "私訊", app: "應用程式",
    hour: "+1 小時", day: "+1 天", morning: "到下個工作日 09:00", set: "設定…", run: "走動", pause: "暫停",
    onlyYou: "只有您看得到", edited: "（已編輯）", reply: "在討論串回覆", thread: "討論串", close: "關閉", cancel: "取消", back: "返回",
    send: "送出", replies: (n) => `${n} 則回覆`, messageTo: (x) => `傳訊息給 ${x}`, replyHere: "回覆…",
    emptyChannel: "這裡還沒有訊息。", emptyHome: "應用程式還沒有為這個人發布首頁。", notMember: "您不在這個頻道。", join: "加入頻道",
    archived: "這個頻道已封存。", readOnly: "這個應用程式不接受訊息。", shortcuts: "捷徑", more: "更多動作", attach: "附加檔案",
    optional: "（選填）", choose: "請選擇…", search: "輸入以搜尋…", atLeast: (n) => `請至少輸入 ${n} 個字`, nothing: "找不到", addMore: "新增…",
    connected: "應用程式已連線", disconnected: "應用程式未連線", http: "HTTP 傳送", none: "無", noShortcuts: "應用程式沒有捷徑", fileOne: "選擇檔案",
    timeout: "應用程式 3 秒內沒有回應。", failed: "無法連到應用程式。", setTitle: "設定程序時鐘", ok: "設定", guest: "訪客", gone: "已停用", working: "傳送中…", commands: "指令", copy: "複製連結", required: "請填寫這個必填欄位。",
  },
  "zh-Hans": {
    actAs: "当前身份", home: "首页", messages: "消息", about: "关于", channels: "频道", dms: "私信", app: "应用",
    hour: "+1 小时", day: "+1 天", morning: "到下个工作日 09:00", set: "设置…", run: "走动", pause: "暂停",
    onlyYou: "仅您可见", edited: "（已编辑）", reply: "在消息列中回复", thread: "消息列", close: "关闭", cancel: "取消", back: "返回",
    send: "发送", replies: (n) => `${n} 条回复`, messageTo: (x) => `发消息给 ${x}`, replyHere: "回复…",
    emptyChannel: "这里还没有消息。", emptyHome: "应用还没有为此人发布首页。", notMember: "您不在这个频道。", join: "加入频道",
    archived: "该频道已归档。", readOnly: "此应用不接收消息。", shortcuts: "快捷方式", more: "更多操作", attach: "添加附件",
    optional: "（选填）", choose: "请选择…", search: "输入以搜索…", atLeast: (n) => `请至少输入 ${n} 个字`, nothing: "未找到", addMore: "添加…",
    connected: "应用已连接", disconnected: "应用未连接", http: "HTTP 推送", none: "无", noShortcuts: "应用没有快捷方式", fileOne: "选择文件",
    timeout: "应用 3 秒内没有响应。", failed: "无法连接到应用。", setTitle: "设置程序时钟", ok: "设置", guest: "访客", gone: "已停用", working: "发送中…", commands: "命令", copy: "复制链接", required: "请填写此必填字段。",
  },
};
const LANGUAGES = { en: "English", "zh-Hant": "繁體中文", "zh-Hans": "简体中文" };

const EMOJI = {
  warning: "⚠️", lock: "🔒", unlock: "🔓", white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", bell: "🔔", calendar: "📅", date: "📅", clock3: "🕒",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", eyes: "👀", "+1": "👍", thumbsup: "👍", "-1": "👎", tada: "🎉", memo: "📝", paperclip: "📎", phone: "☎️",
  telephone_receiver: "📞", rotating_light: "🚨", red_circle: "🔴", large_green_circle: "🟢", large_yellow_circle: "🟡", information_source: "ℹ️", question: "❓",
  exclamation: "❗", arrow_right: "➡️", arrow_left: "⬅️", package: "📦", wave: "👋", pray: "🙏", chart_with_upwards_trend: "📈", mag: "🔍", house: "🏠", no_entry: "⛔", speech_balloon: "💬",
};

/* Drawn here, for not every machine has a font with these. */
const ICONS = {
  lock: [["path", "M5 7V5a3 3 0 0 1 6 0v2", "none"], ["path", "M3.5 7h9v6.5h-9z", "fill"]],
  white_check_mark: [["path", "M2.5 2.5h11v11h-11z", "#0d7a5f"], ["path", "M5 8.2l2.2 2.2L11.2 6", "white"]],
  warning: [["path", "M8 2L15 14H1z", "#e9a100"], ["path", "M8 6.2v3.6M8 11.6v.6", "white"]],
  x: [["path", "M4 4l8 8M12 4l-8 8", "#c62f3d-line"]],
  eye: [["path", "M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8z", "none"], ["path", "M8 6.3a1.7 1.7 0 1 0 .01 0z", "fill"]],
  bubble: [["path", "M2.5 3h11v7.5h-6L4.5 13v-2.5h-2z", "none"]],
  bolt: [["path", "M9 1.5L3.5 9H7.5L7 14.5 12.5 7H8.5z", "fill"]],
};
ICONS.heavy_check_mark = ICONS.white_check_mark;

/** Draw one of ICONS in the colour of the words around it. */
function icon(name, label) {
  const make = (tag, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };
  const drawn = make("svg", { viewBox: "0 0 16 16", class: "icon", ...(label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" }) });
  for (const [tag, d, look] of ICONS[name]) {
    const line = { stroke: "currentColor", "stroke-width": 1.5, "stroke-linecap": "round", "stroke-linejoin": "round", fill: "none" };
    const looks = { none: line, fill: { fill: "currentColor" }, white: { ...line, stroke: "#fff" } };
    drawn.append(make(tag, { d, ...(looks[look] || (look.endsWith("-line") ? { ...line, stroke: look.slice(0, 7), "stroke-width": 2 } : { fill: look })) }));
  }
  return drawn;
}

// ---------------------------------------------------------------- state

const state = {
  lang: localStorage.lang || guessLanguage(), me: null, place: null, thread: null, world: null, clock: null, clockAt: 0, connections: null,
  messages: [], view: null, depth: 0, home: null, seen: JSON.parse(localStorage.seen || "{}"), badges: {}, drafts: {}, shownView: "",
};
const t = (key) => WORDS[state.lang][key];
const $ = (id) => document.getElementById(id);

function guessLanguage() {
  const own = navigator.language || "en";
  if (!own.startsWith("zh")) return "en";
  return /TW|HK|MO|Hant/i.test(own) ? "zh-Hant" : "zh-Hans";
}

/** Make an element; strings among the children become text. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

async function ask(method, path, body) {
  const options = { method, headers: body ? { "Content-Type": "application/json" } : {}, body: body && JSON.stringify(body) };
  const response = await fetch(`/control/${path}`, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.problem || response.statusText);
  return answer;
}
const get = (path) => ask("GET", path);
const post = (path, body) => ask("POST", path, body || {});
const act = (name, body) => post(`as/${state.me.id}/${name}`, body);

/** Do what a person asked for, and say it when it cannot be done. */
async function tryTo(work) {
  try {
    const done = await work();
    if (done && done.ok === false && done.error === "operation_timeout") toast(t("timeout"), true);
    else if (done && done.ok === false && done.error && !done.shown) toast(t("failed"), true);
    return done;
  } catch (problem) {
    toast(problem.message, true);
    return null;
  }
}

function toast(words, bad = false) {
  const shown = h("div", { class: bad ? "toast bad" : "toast" }, words);
  $("toasts").append(shown);
  setTimeout(() => shown.remove(), 5000);
}

const person = (id) => state.world.people.find((each) => each.id === id);
const channel = (id) => state.world.channels.find((each) => each.id === id);
const nameOf = (id) => (id === "USLACKBOT" ? "Slackbot" : person(id)?.real_name || id);
const myDm = () => state.world.direct[state.me.id];
const locale = () => state.me?.locale || "en-US";

// ---------------------------------------------------------------- times

function procedureNow() {
  const began = new Date(state.clock.now).getTime();
  return new Date(state.clock.running ? began + (Date.now() - state.clockAt) : began);
}
const inZone = (date, format) => new Intl.DateTimeFormat(locale(), { timeZone: state.me?.tz || "UTC", ...format }).format(date);
const dayKey = (date) => new Intl.DateTimeFormat("en-CA", { timeZone: state.me?.tz || "UTC" }).format(date);

function dayWords(date, long = false) {
  const days = Math.round((Date.parse(dayKey(date)) - Date.parse(dayKey(procedureNow()))) / 86400000);
  if (Math.abs(days) <= 1) return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(days, "day");
  return inZone(date, { weekday: long ? "long" : "short", month: long ? "long" : "short", day: "numeric" });
}

/** Format a `<!date^…>` token in the member's locale and zone; "today" is the procedure's. */
function dateToken(seconds, format) {
  const date = new Date(seconds * 1000);
  const full = { year: "numeric", month: "long", day: "numeric" };
  const parts = {
    date_num: () => dayKey(date), date: () => inZone(date, full), date_short: () => inZone(date, { ...full, month: "short" }),
    date_long: () => inZone(date, { ...full, weekday: "long" }), date_pretty: () => dayWords(date, true), date_short_pretty: () => dayWords(date),
    date_long_pretty: () => dayWords(date, true), day_divider_pretty: () => dayWords(date, true), date_long_full: () => inZone(date, { ...full, weekday: "long" }),
    time: () => inZone(date, { hour: "numeric", minute: "2-digit" }), time_secs: () => inZone(date, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
    ago: () => new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(Math.round((date - procedureNow()) / 3600000), "hour"),
  };
  return format.replace(/\{(\w+)\}/g, (whole, name) => (parts[name] ? parts[name]() : whole));
}

// ---------------------------------------------------------------- mrkdwn

const unescaped = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] || whole);
/** The same as nodes: a few signs are drawn. */
const emojiNodes = (text) => text.split(/:(lock|white_check_mark|heavy_check_mark|warning|x):/).map((part, n) => (n % 2 ? icon(part, part) : withEmoji(part))).filter(Boolean);
/* Slack formats only between ASCII spaces, punctuation or line ends: next to a Chinese character the signs stay. */
const EDGE = "[\\s.,;:!?()\\[\\]{}\"'/|>\\-~_*\\uE000-\\uF8FF]";
const marks = (sign) => new RegExp(`(?<=^|${EDGE})[${sign}](?=[^\\s${sign}])([^\\n${sign}]*?[^\\s${sign}])[${sign}](?=$|${EDGE})`, "u");
const FORMATS = [[/`([^`\n]+)`/u, "code"], [marks("*"), "b"], [marks("_"), "i"], [marks("~"), "s"]];

/** Return *text* (Slack's mrkdwn) as nodes. */
function mrkdwn(text) {
  const tokens = [];
  const held = String(text).replace(/<([^<>\n]+)>/g, (whole, inside) => { tokens.push(inside); return String.fromCharCode(0xe000 + tokens.length - 1); });
  const root = h("div", { class: "w" });
  for (const [n, part] of held.split(/```/).entries()) {
    if (n % 2) root.append(h("pre", {}, inline(part.replace(/^\n/, ""), tokens, true)));
    else root.append(...quotes(part, tokens));
  }
  return root;
}

function quotes(text, tokens) {
  const nodes = [];
  let quoted = null;
  for (const [n, line] of text.split("\n").entries()) {
    const quote = /^(?:>|&gt;) ?(.*)$/.exec(line);
    if (quote) {
      if (quoted) quoted.append("\n");
      else nodes.push((quoted = h("blockquote")));
      quoted.append(...inline(quote[1], tokens));
    } else {
      if (n && !quoted) nodes.push("\n");
      quoted = null;
      nodes.push(...inline(line, tokens));
    }
  }
  return nodes;
}

function inline(text, tokens, plain = false) {
  if (!text) return [];
  for (const [format, tag] of plain ? [] : FORMATS) {
    const found = format.exec(text);
    if (!found) continue;
    const inner = tag === "code" ? inline(found[1], tokens, true) : inline(found[1], tokens);
    return [...inline(text.slice(0, found.index), tokens), h(tag, {}, inner), ...inline(text.slice(found.index + found[0].length), tokens)];
  }
  return text.split(/([\uE000-\uF8FF])/).filter(Boolean).map((part) => {
    const code = part.charCodeAt(0) - 0xe000;
    if (part.length === 1 && code >= 0 && code < tokens.length) return token(tokens[code]);
    return plain ? unescaped(part) : emojiNodes(unescaped(part));
  }).flat();
}

function token(inside) {
  const [what, label] = inside.split(/\|(.*)/s);
  if (what.startsWith("@")) return h("span", { class: what.slice(1) === state.me?.id ? "mention me" : "mention" }, "@" + nameOf(what.slice(1)));
  if (what.startsWith("#")) return h("span", { class: "mention" }, "#" + (channel(what.slice(1))?.name || label || what.slice(1)));
  if (what.startsWith("!date^")) {
    const [, seconds, format] = what.split("^");
    return h("span", { title: label || "" }, Number.isFinite(Number(seconds)) ? dateToken(Number(seconds), format || "") : label || "");
  }
  if (what.startsWith("!")) return h("span", { class: "mention me" }, "@" + (label || what.slice(1).split("^")[0]));
  if (/^(https?:|mailto:|tel:)/i.test(what)) return h("a", { href: unescaped(what), target: "_blank", rel: "noreferrer noopener" }, unescaped(label || what));
  return unescaped(`<${inside}>`);
}

/** Return a text object as nodes. */
function words(object) {
  if (!object) return "";
  if (object.type === "mrkdwn") return mrkdwn(object.text);
  return h("div", { class: "w" }, emojiNodes(object.text || ""));
}
const plain = (object) => withEmoji(object?.text || "");
const plainNodes = (object) => emojiNodes(object?.text || "");

function richText(block) {
  const styled = (piece) => {
    let node;
    if (piece.type === "text") node = document.createTextNode(piece.text);
    else if (piece.type === "user") node = token("@" + piece.user_id);
    else if (piece.type === "channel") node = token("#" + piece.channel_id);
    else if (piece.type === "broadcast") node = token("!" + piece.range);
    else if (piece.type === "emoji") node = document.createTextNode(EMOJI[piece.name] || `:${piece.name}:`);
    else if (piece.type === "date") node = document.createTextNode(dateToken(piece.timestamp, piece.format || ""));
    else if (piece.type === "link") node = token(piece.url + (piece.text ? "|" + piece.text : ""));
    else node = document.createTextNode("");
    for (const [style, tag] of [["code", "code"], ["bold", "b"], ["italic", "i"], ["strike", "s"]]) if (piece.style?.[style]) node = h(tag, {}, node);
    return node;
  };
  const part = (element) => {
    if (element.type === "rich_text_list") {
      return h(element.style === "ordered" ? "ol" : "ul", {}, element.elements.map((each) => h("li", {}, each.elements.map(styled))));
    }
    const tag = { rich_text_quote: "blockquote", rich_text_preformatted: "pre" }[element.type] || "div";
    return h(tag, {}, element.elements.map(styled));
  };
  return h("div", { class: "w" }, block.elements.map(part));
}

// ---------------------------------------------------------------- blocks

/** Render blocks; *where* says what a click belongs to: {kind, channel, ts, values, errors, view}. */
function blocks(list, where) {
  return h("div", { class: "blocks" }, (list || []).map((block) => oneBlock(block, where)));
}

function oneBlock(block, where) {
  switch (block.type) {
    case "header": return h("h3", { class: "b-header" }, plainNodes(block.text));
    case "divider": return h("hr", { class: "b-divider" });
    case "section": return section(block, where);
    case "context": return h("div", { class: "b-context" }, block.elements.map((each) => (each.type === "image" ? image(each) : words(each))));
    case "actions": case "context_actions": return h("div", { class: "b-actions" }, block.elements.map((each) => element(each, block, where)));
    case "image": return h("figure", { class: "b-image" }, block.title && h("figcaption", {}, plain(block.title)), image(block));
    case "rich_text": return richText(block);
    case "markdown": return mrkdwn(block.text);
    case "input": return input(block, where);
    case "table": return table(block);
    case "alert": return h("div", { class: "b-alert" }, words(block.text));
    default: return h("div", { class: "b-unknown" }, `[${block.type}]`);
  }
}

const image = (each) => h("img", { src: each.image_url || "", alt: each.alt_text || "", loading: "lazy", referrerpolicy: "no-referrer" });

function section(block, where) {
  return h("div", { class: "b-section" },
    h("div", {}, block.text ? words(block.text) : null),
    h("div", { class: "accessory" }, block.accessory && (block.accessory.type === "image" ? image(block.accessory) : element(block.accessory, block, where))),
    block.fields && h("div", { class: "fields" }, block.fields.map(words)));
}

function table(block) {
  const cell = (each) => (each.type === "rich_text" ? richText(each) : each.text ?? String(each.value ?? ""));
  return h("div", { class: "b-table" }, h("table", {}, block.rows.map((row) => h("tr", {}, row.map((each) => h("td", {}, cell(each)))))));
}

function input(block, where) {
  const said = where.errors?.[block.block_id];
  const error = said === WORDS.en.required ? t("required") : said; // the client's own sentence, not the app's
  return h("div", { class: error ? "b-input bad" : "b-input", "data-block": block.block_id },
    h("div", { class: "label" }, plain(block.label), block.optional ? h("span", { class: "opt" }, " " + t("optional")) : null),
    element(block.element, block, where),
    error && h("div", { class: "error", role: "alert" }, error),
    block.hint && h("div", { class: "hint" }, words(block.hint)));
}

// ---------------------------------------------------------------- elements

const valueOf = (where, block, each) => where.values?.[block.block_id]?.[each.action_id] || {};

/** Tell the sandbox that a person pressed or chose something. */
async function press(where, block, each, value) {
  if (each.confirm && !(await confirmed(each.confirm))) return;
  const body = { what: each.action_id, block_id: block.block_id, value };
  if (where.kind === "message") return tryTo(() => act("click", { ...body, channel: where.channel, ts: where.ts }));
  if (where.kind === "home") return tryTo(() => act("home/click", body));
  await flush(where);
  return tryTo(() => act("view/click", { ...body, view: where.view.id }));
}

/** Take a value: at once for menus outside input blocks, else as a field of the form. */
async function entered(where, block, each, value, quiet = false) {
  if (block.type !== "input") return press(where, block, each, value);
  if (where.kind === "message") return block.dispatch_action && !quiet ? press(where, block, each, value) : null;
  const path = where.kind === "home" ? "home/fill" : "view/fill";
  return tryTo(() => act(path, { view: where.view.id, field: block.block_id, value, quiet: quiet || !block.dispatch_action }));
}

function element(each, block, where) {
  const state_ = valueOf(where, block, each);
  switch (each.type) {
    case "button": return button(each, block, where);
    case "overflow": return overflow(each, block, where);
    case "static_select": return menu(each, block, where, optionGroups(each), state_.selected_option?.value);
    case "users_select": return menu(each, block, where, peopleOptions(), state_.selected_user);
    case "channels_select": return menu(each, block, where, channelOptions(false), state_.selected_channel);
    case "conversations_select": return menu(each, block, where, channelOptions(true), state_.selected_conversation);
    case "external_select": return combo(each, block, where, state_.selected_option);
    case "multi_static_select": return multi(each, block, where, optionGroups(each), (state_.selected_options || []).map((o) => [o.value, plain(o.text)]));
    case "multi_users_select": return multi(each, block, where, peopleOptions(), (state_.selected_users || []).map((id) => [id, nameOf(id)]));
    case "multi_channels_select": return multi(each, block, where, channelOptions(false), (state_.selected_channels || []).map((id) => [id, "#" + (channel(id)?.name || id)]));
    case "multi_conversations_select": return multi(each, block, where, channelOptions(true), (state_.selected_conversations || []).map((id) => [id, conversationName(id)]));
    case "multi_external_select": return multiExternal(each, block, where, state_.selected_options || []);
    case "radio_buttons": case "checkboxes": return choices(each, block, where, state_);
    case "datepicker": return picker("date", each, block, where, state_.selected_date);
    case "timepicker": return picker("time", each, block, where, state_.selected_time);
    case "datetimepicker": return picker("datetime-local", each, block, where, state_.selected_date_time);
    case "file_input": return fileInput(each, block, where, state_.files || []);
    case "rich_text_input": case "plain_text_input": case "number_input": case "email_text_input": case "url_text_input": return textInput(each, block, where, state_);
    case "image": return image(each);
    default: return h("span", { class: "b-unknown" }, `[${each.type}]`);
  }
}

function button(each, block, where) {
  const style = each.style ? `btn ${each.style}` : "btn";
  if (each.url) return h("a", { class: style, href: /^https?:/i.test(each.url) ? each.url : "#", target: "_blank", rel: "noreferrer noopener", onclick: () => press(where, block, each) }, plainNodes(each.text));
  return h("button", {
    class: style, type: "button", "aria-label": each.accessibility_label,
    onclick: async (event) => {
      const pressed = event.currentTarget;
      pressed.classList.add("busy");
      await press(where, block, each);
      pressed.classList.remove("busy");
    },
  }, plainNodes(each.text));
}

function overflow(each, block, where) {
  return popper("⋯", "btn", () => each.options.map((option) => ({ label: plain(option.text), about: plain(option.description), go: () => press(where, block, each, option.value) })));
}

/** A button with a small menu; *items* is asked when it opens. */
function popper(label, style, items, title) {
  const holder = h("span", { class: "pop" });
  const close = () => holder.querySelector(".popup")?.remove();
  const open = () => {
    if (holder.querySelector(".popup")) return close();
    const list = items();
    holder.append(h("div", { class: "popup", role: "menu" }, list.length ? list.map((item) => (item.go
      ? h("button", { class: "item", role: "menuitem", type: "button", onclick: () => { close(); item.go(); } }, item.label, item.about && h("small", {}, item.about))
      : h("div", { class: "none" }, item.label))) : h("div", { class: "none" }, t("none"))));
    setTimeout(() => document.addEventListener("click", close, { once: true }));
  };
  holder.append(h("button", { class: style, type: "button", title, "aria-label": title, "aria-haspopup": "menu", onclick: open }, label));
  return holder;
}

const optionGroups = (each) => each.option_groups
  ? each.option_groups.map((group) => ({ label: plain(group.label), options: group.options.map((o) => [o.value, plain(o.text)]) }))
  : [{ options: (each.options || []).map((o) => [o.value, plain(o.text)]) }];
const peopleOptions = () => [{ options: state.world.people.filter((each) => !each.deleted && !each.is_bot).map((each) => [each.id, each.real_name]) }];
const conversationName = (id) => (channel(id)?.kind === "im" ? nameOf(channel(id).members.find((each) => each !== state.world.app.bot_user_id)) : "#" + (channel(id)?.name || id));
function channelOptions(withPeople) {
  const open = state.world.channels.filter((each) => ["public", "private"].includes(each.kind) && (each.kind === "public" || each.members.includes(state.me.id)));
  const people = withPeople ? state.world.people.filter((each) => !each.deleted && !each.is_bot) : [];
  return [{ options: [...open.map((each) => [each.id, "#" + each.name]), ...people.map((each) => [state.world.direct[each.id] || each.id, each.real_name])] }];
}
const listed = (groups) => groups.map((group) => {
  const options = group.options.map(([value, label]) => h("option", { value }, label));
  return group.label ? h("optgroup", { label: group.label }, options) : options;
});

function menu(each, block, where, groups, chosen) {
  const first = h("option", { value: "" }, plain(each.placeholder) || t("choose"));
  const select = h("select", { "aria-label": plain(each.placeholder) || plain(block.label), onchange: () => entered(where, block, each, select.value) }, first, listed(groups));
  select.value = chosen || "";
  return select;
}

function multi(each, block, where, groups, chosen) {
  const change = (values) => entered(where, block, each, values).then(() => where.refresh?.());
  const ids = chosen.map(([id]) => id);
  const chips = chosen.map(([id, label]) => h("span", { class: "chip" }, label, h("button", { type: "button", onclick: () => change(ids.filter((one) => one !== id)) }, "×")));
  const left = groups.map((group) => ({ ...group, options: group.options.filter(([id]) => !ids.includes(id)) }));
  const select = h("select", { onchange: () => change([...ids, select.value]) }, h("option", { value: "" }, plain(each.placeholder) || t("addMore")), listed(left));
  return h("div", { class: "multi" }, h("div", { class: "chips" }, chips), select);
}

function multiExternal(each, block, where, chosen) {
  const change = (options) => entered(where, block, each, options).then(() => where.refresh?.());
  const chips = chosen.map((option) => h("span", { class: "chip" }, plain(option.text), h("button", { type: "button", onclick: () => change(chosen.filter((one) => one !== option)) }, "×")));
  const search = combo(each, block, where, null, (option) => change([...chosen, option]));
  return h("div", { class: "multi" }, h("div", { class: "chips" }, chips), search);
}

/** A menu whose options the app looks up while the person types. */
function combo(each, block, where, chosen, picked) {
  const least = each.min_query_length ?? 3;
  const box = h("input", { type: "text", placeholder: plain(each.placeholder) || t("search"), role: "combobox", autocomplete: "off", "aria-label": plain(block.label) || plain(each.placeholder) });
  box.value = chosen ? plain(chosen.text) : "";
  const holder = h("div", { class: "combo" }, box);
  const close = () => holder.querySelector(".popup")?.remove();
  const choose = async (option) => {
    close();
    box.value = plain(option.text);
    if (picked) return picked(option);
    await entered(where, block, each, option);
  };
  const show = (nodes) => { close(); holder.append(h("div", { class: "popup", role: "listbox" }, nodes)); };
  const item = (option) => h("button", { class: "item", type: "button", role: "option", onmousedown: (event) => { event.preventDefault(); choose(option); } }, plain(option.text), option.description && h("small", {}, plain(option.description)));
  let waiting = 0, turn = 0;
  const look = async () => {
    const query = box.value, mine = ++turn;
    if (query.length < least) return show(h("div", { class: "none" }, t("atLeast")(least)));
    const body = { what: each.action_id, block_id: block.block_id, query, ...(where.kind === "message" ? { channel: where.channel, ts: where.ts } : { view: where.view.id }) };
    const found = await tryTo(() => act("suggest", body));
    if (!found || mine !== turn || document.activeElement !== box) return;
    if (found.error) toast(found.error, true);
    const groups = (found.option_groups || []).map((group) => [h("div", { class: "group" }, plain(group.label)), group.options.map(item)]);
    show([...groups, (found.options || []).map(item), !groups.length && !found.options?.length ? h("div", { class: "none" }, t("nothing")) : null].flat());
  };
  box.addEventListener("click", look);
  box.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(look, 200); });
  box.addEventListener("blur", () => setTimeout(close, 150));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.stopPropagation(); close(); }
    if (event.key === "Enter") { event.preventDefault(); holder.querySelector(".item")?.dispatchEvent(new MouseEvent("mousedown")); }
  });
  box.addEventListener("change", () => { if (!box.value && !picked && chosen) entered(where, block, each, null); });
  return holder;
}

function choices(each, block, where, state_) {
  const many = each.type === "checkboxes";
  const chosen = new Set(many ? (state_.selected_options || []).map((o) => o.value) : [state_.selected_option?.value]);
  const group = `g${Math.random()}`;
  const change = (option, on) => {
    if (many) { if (on) chosen.add(option.value); else chosen.delete(option.value); }
    entered(where, block, each, many ? each.options.map((o) => o.value).filter((v) => chosen.has(v)) : option.value);
  };
  return h("div", { role: many ? "group" : "radiogroup" }, each.options.map((option) => h("label", { class: "choice" },
    h("input", { type: many ? "checkbox" : "radio", name: group, checked: chosen.has(option.value), onchange: (event) => change(option, event.target.checked) }),
    h("span", {}, words(option.text), option.description && h("small", {}, words(option.description))))));
}

function picker(kind, each, block, where, chosen) {
  const box = h("input", { type: kind, "aria-label": plain(block.label) || plain(each.placeholder), title: plain(each.placeholder) });
  if (kind === "datetime-local") { if (chosen) box.value = localInput(new Date(chosen * 1000)); } else box.value = chosen || "";
  box.addEventListener("change", () => entered(where, block, each, kind === "datetime-local" && box.value ? fromLocalInput(box.value) : box.value || null));
  return box;
}

/* A datetime field speaks the acting member's zone. */
function zoneOffset(date) {
  const there = new Date(date.toLocaleString("en-US", { timeZone: state.me.tz }));
  return there - new Date(date.toLocaleString("en-US", { timeZone: "UTC" }));
}
const localInput = (date) => new Date(date.getTime() + zoneOffset(date)).toISOString().slice(0, 16);
const fromLocalInput = (text) => { const utc = new Date(text + "Z"); return Math.round((utc - zoneOffset(utc)) / 1000); };

function textInput(each, block, where, state_) {
  const rich = each.type === "rich_text_input";
  const known = rich ? richWords(state_.rich_text_value) : state_.value;
  const key = `${where.view?.id || where.ts}/${block.block_id}/${each.action_id}`;
  const many = rich || each.multiline;
  const kind = { email_text_input: "email", url_text_input: "url" }[each.type] || "text";
  const box = many
    ? h("textarea", { rows: 4, placeholder: plain(each.placeholder), "aria-label": plain(block.label) })
    : h("input", { type: kind, inputmode: each.type === "number_input" ? "decimal" : null, placeholder: plain(each.placeholder), "aria-label": plain(block.label) });
  box.value = state.drafts[key] ?? known ?? "";
  if (each.max_length) box.maxLength = each.max_length;
  const often = each.dispatch_action_config?.trigger_actions_on?.includes("on_character_entered");
  let waiting = 0;
  const store = (quiet) => { clearTimeout(waiting); delete state.drafts[key]; return entered(where, block, each, box.value, quiet); };
  box.addEventListener("input", () => {
    state.drafts[key] = box.value;
    clearTimeout(waiting);
    waiting = setTimeout(() => store(!often), 400);
    box.closest(".b-input")?.classList.remove("bad");
  });
  box.addEventListener("blur", () => { if (key in state.drafts) store(!often); });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || many) return;
    event.preventDefault();
    if (block.dispatch_action) store(false);
    else if (where.kind === "view") submitView(where);
  });
  if (where.kind === "view") where.pending.push(() => (key in state.drafts ? store(true) : null));
  return box;
}
const richWords = (value) => (value?.elements || []).map((part) => (part.elements || []).map((each) => each.text || "").join("")).join("\n");

/** Send what was typed but not yet stored. */
async function flush(where) {
  await Promise.all((where.pending || []).map((store) => store()));
}

function fileInput(each, block, where, files) {
  const most = each.max_files || 10;
  const change = (list) => entered(where, block, each, list).then(() => where.refresh?.());
  const chips = files.map((file) => h("span", { class: "chip" }, file.name, h("button", { type: "button", onclick: () => change(files.filter((one) => one !== file).map((one) => ({ id: one.id }))) }, "×")));
  const box = h("input", { type: "file", multiple: most > 1, accept: (each.filetypes || []).map((one) => "." + one).join(","), "aria-label": plain(block.label) });
  box.addEventListener("change", async () => {
    const added = await Promise.all([...box.files].map(readFile));
    change([...files.map((one) => ({ id: one.id })), ...added].slice(0, most));
  });
  return h("div", {}, h("div", { class: "chips" }, chips), box);
}
const readFile = (file) => new Promise((done, failed) => {
  const reader = new FileReader();
  reader.onload = () => done({ name: file.name, base64: String(reader.result).split(",")[1] || "" });
  reader.onerror = failed;
  reader.readAsDataURL(file);
});

function confirmed(dialog) {
  return new Promise((answer) => {
    const end = (yes) => { shade.remove(); answer(yes); };
    const shade = h("div", { id: "overlay" }, h("div", { class: "modal dialog", role: "alertdialog" },
      h("header", {}, h("h2", {}, plain(dialog.title))), h("div", { class: "body" }, words(dialog.text)),
      h("footer", {}, h("button", { class: "btn", onclick: () => end(false) }, plain(dialog.deny)), h("button", { class: dialog.style === "danger" ? "btn danger full" : "btn primary", onclick: () => end(true) }, plain(dialog.confirm)))));
    document.body.append(shade);
    shade.querySelector("footer .btn:last-child").focus();
  });
}

// ---------------------------------------------------------------- messages

const COLOURS = ["#2a6f97", "#6a4c93", "#b5651d", "#3a7d44", "#a23b72", "#4a5899", "#8a5a44", "#27706b", "#9c4242"];
function avatar(id, small = false) {
  const name = nameOf(id), bot = id === state.world.app.bot_user_id;
  const initials = /[一-鿿]/.test(name) ? name.slice(-2) : name.split(/\s+/).map((part) => part[0]).slice(0, 2).join("").toUpperCase();
  const number = [...id].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) >>> 0;
  return h("span", { class: small ? "avatar small" : "avatar", style: `background:${bot ? "#264653" : COLOURS[number % COLOURS.length]}`, "aria-hidden": "true" }, small ? initials.slice(-1) : initials);
}

function message(each, inThread = false) {
  const where = { kind: "message", channel: each.channel, ts: each.ts, values: each.choices };
  const at = new Date(each.procedure_at);
  return h("article", { class: each.ephemeral ? "msg only" : "msg", "data-ts": each.ts },
    avatar(each.user),
    h("div", {},
      h("div", { class: "by" }, h("b", {}, nameOf(each.user)), (each.bot_id || each.user === "USLACKBOT") && h("span", { class: "app" }, "APP"),
        h("time", { title: at.toString() }, inZone(at, { hour: "numeric", minute: "2-digit" })), each.ephemeral && h("span", { class: "note" }, icon("eye"), " ", t("onlyYou")), each.edited && !each.blocks && h("span", { class: "edited" }, t("edited"))),
      each.blocks ? blocks(each.blocks, where) : each.text ? mrkdwn(each.text) : null,
      each.blocks && each.edited ? h("div", { class: "edited" }, t("edited")) : null,
      each.files && h("div", { class: "files" }, each.files.map(fileCard)),
      each.reactions && h("div", { class: "reactions" }, each.reactions.map((one) => h("span", {}, `${EMOJI[one.name] || ":" + one.name + ":"} ${one.count}`))),
      !inThread && each.reply_count > 0 && h("button", { class: "thread-link", onclick: () => openThread(each.ts) }, t("replies")(each.reply_count))),
    tools(each, inThread));
}

function tools(each, inThread) {
  if (each.ephemeral) return null;
  const shortcuts = () => state.world.app.message_shortcuts.map((one) => ({ label: one.name, about: one.description, go: () => tryTo(() => act("message-shortcut", { callback_id: one.callback_id, channel: each.channel, ts: each.ts })) }));
  return h("div", { class: "tools" },
    !inThread && h("button", { title: t("reply"), "aria-label": t("reply"), onclick: () => openThread(each.thread_ts || each.ts) }, icon("bubble")),
    popper("⋯", "", () => { const list = shortcuts(); return list.length ? list : [{ label: t("noShortcuts") }]; }, t("more")));
}

function fileCard(file) {
  const url = `/control/files/${file.id}`;
  if (file.mimetype.startsWith("image/")) return h("a", { class: "file picture", href: url, target: "_blank" }, h("img", { src: url, alt: file.title || file.name, loading: "lazy" }));
  return h("a", { class: "file", href: url, target: "_blank" }, h("span", { class: "kind" }, (file.filetype || "file").toUpperCase().slice(0, 4)), h("span", { class: "w" }, file.title || file.name));
}

function drawList() {
  const list = $("list"), stick = list.scrollHeight - list.scrollTop - list.clientHeight < 80 || list.dataset.place !== state.place;
  if (state.place === "home") {
    const where = { kind: "home", view: state.home, values: state.home?.state.values, errors: state.home?.errors, pending: [], refresh: loadHome };
    list.replaceChildren(state.home ? h("div", { class: "homepage" }, blocks(state.home.blocks, where)) : h("div", { class: "empty" }, t("emptyHome")));
  } else {
    const nodes = [];
    let day = "";
    for (const each of state.messages.filter((one) => one.in_channel && (!one.ephemeral || !one.thread_ts))) {
      const at = new Date(each.procedure_at), key = dayKey(at);
      if (key !== day) nodes.push(h("div", { class: "day" }, dayWords(at, true)));
      day = key;
      nodes.push(message(each));
    }
    list.replaceChildren(...(nodes.length ? nodes : [h("div", { class: "empty" }, t("emptyChannel"))]));
  }
  if (stick) list.scrollTop = state.place === "home" ? 0 : list.scrollHeight;
  list.dataset.place = state.place;
}

// ---------------------------------------------------------------- sidebar, head, clock

function go(place) {
  state.place = place;
  state.thread = null;
  document.body.classList.remove("menu");
  localStorage.place = place;
  drawHead();
  drawComposer();
  drawThread();
  if (place === "home") { state.home = null; tryTo(() => act("home", { tab: "home" })); loadHome(); } else loadMessages();
  drawSide();
}

async function actAs(id) {
  state.me = person(id);
  localStorage.me = id;
  state.thread = null;
  state.view = null;
  state.shownView = "";
  $("overlay").hidden = true;
  if (!myDm()) await get(`as/${id}`).then(loadWorld);
  const place = state.place && canSee(channel(state.place)) ? state.place : myPlaces()[0]?.id || "home";
  drawClock();
  go(place === "home" || state.place === "home" ? "home" : channel(place)?.kind === "im" ? myDm() : place);
  loadView();
}

const canSee = (each) => each && (each.kind === "public" || each.members.includes(state.me.id));
const myPlaces = () => state.world.channels.filter((each) => ["public", "private"].includes(each.kind) && (each.kind === "public" ? each.members.includes(state.me.id) : canSee(each)));
const badge = (who, where) => state.badges[who]?.[where] || 0;
const allBadges = (who) => Object.values(state.badges[who] || {}).reduce((sum, n) => sum + n, 0);
const isUnread = (each) => each.latest && each.latest > (state.seen[`${state.me.id}/${each.id}`] || "");

function drawSide() {
  const row = (id, sign, label, about) => {
    const each = channel(id), count = badge(state.me.id, id);
    const unread = each && id !== state.place && isUnread(each);
    return h("button", { class: `row${id === state.place ? " here" : ""}${unread ? " unread" : ""}`, onclick: () => go(id) },
      h("span", { class: "sign" }, sign), h("span", { class: "label" }, label, about && h("small", {}, about)), count > 0 && h("span", { class: "badge" }, String(count)));
  };
  const others = state.world.channels.filter((each) => each.kind === "public" && !each.members.includes(state.me.id));
  const groups = state.world.channels.filter((each) => each.kind === "mpim" && canSee(each));
  $("side").replaceChildren(
    h("div", { class: "team" }, state.world.team.name), whoPicker(),
    h("h2", {}, t("app")), row("home", "⌂", state.world.app.name, t("home")), row(myDm(), "✉", state.world.app.name, t("messages")),
    h("h2", {}, t("channels")), ...myPlaces().map((each) => row(each.id, each.archived ? "▤" : each.kind === "private" ? icon("lock") : "#", each.name)),
    ...others.map((each) => row(each.id, "#", each.name, "+")),
    ...(groups.length ? [h("h2", {}, t("dms")), ...groups.map((each) => row(each.id, "◦", each.members.map(nameOf).join(", ")))] : []));
}

function whoPicker() {
  const holder = h("div", { class: "who" });
  const close = () => holder.querySelector(".people")?.remove();
  const line = (each, go_) => h("button", { class: "row", disabled: each.deleted, onclick: go_ },
    avatar(each.id, true), h("span", { class: "label" }, each.real_name, h("small", {}, [each.title, each.deleted && t("gone"), each.is_restricted && t("guest")].filter(Boolean).join(" · "))),
    allBadges(each.id) > 0 && h("span", { class: "badge" }, String(allBadges(each.id))));
  holder.append(line(state.me, (event) => {
    event.stopPropagation();
    if (holder.querySelector(".people")) return close();
    holder.append(h("div", { class: "people" }, state.world.people.filter((each) => !each.is_bot).map((each) => line(each, () => actAs(each.id)))));
    document.addEventListener("click", close, { once: true });
  }));
  holder.firstChild.title = t("actAs");
  holder.firstChild.id = "act-as";
  return holder;
}

function drawHead() {
  const each = channel(state.place), dm = state.place === myDm(), home = state.place === "home";
  const title = home || dm ? state.world.app.name : each?.kind === "mpim" ? each.members.map(nameOf).join(", ") : each?.name || "";
  const sign = home || dm || each?.kind === "mpim" ? null : each?.kind === "private" ? icon("lock") : "#";
  const about = home || dm ? state.world.app.description : each?.topic || each?.members.map(nameOf).join(", ");
  const shortcuts = () => state.world.app.global_shortcuts.map((one) => ({ label: one.name, about: one.description, go: () => tryTo(() => act("shortcut", { callback_id: one.callback_id })) }));
  $("head").replaceChildren(
    h("button", { class: "burger", "aria-label": t("channels"), onclick: (event) => { event.stopPropagation(); document.body.classList.toggle("menu"); } }, "☰", allBadges(state.me.id) > 0 && h("span", { class: "badge" }, String(allBadges(state.me.id)))),
    h("h1", {}, sign, sign && " ", title), h("span", { class: "about" }, about || ""),
    home || dm ? h("div", { class: "tabs" }, h("button", { class: home ? "here" : "", onclick: () => go("home") }, t("home")), h("button", { class: dm ? "here" : "", onclick: () => go(myDm()) }, t("messages"))) : "",
    home ? popper(icon("bolt"), "x", shortcuts, t("shortcuts")) : "");
  document.title = `${title} · ${state.world.team.name}`;
}

function drawClock() {
  const move = (body) => tryTo(() => post("clock", body)).then(loadClock);
  const language = h("select", { "aria-label": "Language", onchange: () => { state.lang = localStorage.lang = language.value; drawAll(); } }, Object.entries(LANGUAGES).map(([id, name]) => h("option", { value: id }, name)));
  language.value = state.lang;
  const http = state.world.mode === "http";
  $("clock").replaceChildren(
    h("span", { class: "now", id: "now" }),
    h("button", { onclick: () => move({ advance: "1 hour" }) }, t("hour")), h("button", { onclick: () => move({ advance: "1 day" }) }, t("day")),
    h("button", { onclick: () => move({ next_working_morning: state.me.tz }) }, t("morning")), h("button", { onclick: setClock }, t("set")),
    h("button", { class: state.clock.running ? "on" : "", onclick: () => move({ run: !state.clock.running }) }, state.clock.running ? "❚❚ " + t("pause") : "▶ " + t("run")),
    h("span", { class: "gap" }),
    h("span", { class: "link" }, h("span", { class: http || state.connections ? "dot live" : "dot" }), http ? t("http") : state.connections ? t("connected") : t("disconnected")), language);
  tickClock();
}

function tickClock() {
  const shown = $("now");
  if (!shown || !state.clock || !state.me) return;
  const now = procedureNow();
  shown.replaceChildren(inZone(now, { year: "numeric", month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", ...(state.clock.running ? { second: "2-digit" } : {}) }), h("small", {}, state.me.tz));
}

function setClock() {
  const box = h("input", { type: "datetime-local" });
  box.value = localInput(procedureNow());
  const end = () => shade.remove();
  const set = () => { end(); tryTo(() => post("clock", { set: new Date(fromLocalInput(box.value) * 1000).toISOString() })).then(loadClock); };
  const shade = h("div", { id: "overlay" }, h("div", { class: "modal dialog" }, h("header", {}, h("h2", {}, t("setTitle"))), h("div", { class: "body" }, box, " ", state.me.tz),
    h("footer", {}, h("button", { class: "btn", onclick: end }, t("cancel")), h("button", { class: "btn primary", onclick: set }, t("ok")))));
  document.body.append(shade);
  box.focus();
}

// ---------------------------------------------------------------- composer and thread

function composer(thread) {
  const each = channel(state.place);
  if (!each || state.place === "home") return null;
  if (each.archived) return h("div", { class: "compose closed" }, t("archived"));
  if (!each.members.includes(state.me.id)) return h("div", { class: "compose closed" }, t("notMember") + " ", h("button", { class: "btn", onclick: () => tryTo(() => act("join", { channel: each.id })) }, t("join")));
  if (each.kind === "im" && state.world.app.messages_read_only) return h("div", { class: "compose closed" }, t("readOnly"));
  const target = each.kind === "im" ? state.world.app.name : "#" + each.name;
  const box = h("textarea", { rows: 1, placeholder: thread ? t("replyHere") : t("messageTo")(target), "aria-label": thread ? t("replyHere") : t("messageTo")(target) });
  const send_ = h("button", { class: "send", disabled: true, onclick: () => send() }, t("send"));
  const holder = h("div", { class: "compose" }, box);
  const file = h("input", { type: "file", hidden: true, multiple: true, onchange: () => uploadAll() });
  const hint = () => suggestWords(holder, box, Boolean(thread));
  const send = async () => {
    const text = box.value.trim();
    if (!text) return;
    box.value = "";
    size();
    const command = /^(\/\S+)\s*([\s\S]*)$/.exec(text);
    if (command) return tryTo(() => act("command", { command: command[1], text: command[2], channel: each.id, thread })).then((done) => { if (!done) box.value = text; });
    const done = await tryTo(() => act("say", { channel: each.id, text, thread }));
    if (!done) box.value = text;
  };
  const uploadAll = async () => {
    for (const one of file.files) { const read = await readFile(one); await tryTo(() => act("upload", { channel: each.id, thread, ...read })); }
    file.value = "";
  };
  const size = () => { send_.disabled = !box.value.trim(); box.style.height = "42px"; box.style.height = `${Math.min(180, Math.max(42, box.scrollHeight))}px`; hint(); };
  box.addEventListener("input", size);
  box.addEventListener("keydown", (event) => {
    const choice = holder.querySelector(":scope > .popup .item.at");
    if (choice && ["ArrowDown", "ArrowUp", "Tab"].includes(event.key)) {
      event.preventDefault();
      if (event.key === "Tab") return choice.click();
      const next = event.key === "ArrowDown" ? choice.nextElementSibling : choice.previousElementSibling;
      if (next?.classList.contains("item")) { choice.classList.remove("at"); next.classList.add("at"); }
      return;
    }
    if (event.key === "Escape") holder.querySelector(":scope > .popup")?.remove();
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (choice && !choice.dataset.done) return choice.click();
      holder.querySelector(":scope > .popup")?.remove();
      send();
    }
  });
  const shortcuts = () => [
    ...state.world.app.global_shortcuts.map((one) => ({ label: one.name, about: one.description, go: () => tryTo(() => act("shortcut", { callback_id: one.callback_id })) })),
    ...(thread ? [] : state.world.app.commands.map((one) => ({ label: one.command, about: one.description, go: () => { box.value = one.command + " "; box.focus(); size(); } }))),
  ];
  holder.append(file, h("div", { class: "bar" }, h("button", { title: t("attach"), "aria-label": t("attach"), onclick: () => file.click() }, "＋"), popper(icon("bolt"), "", shortcuts, t("shortcuts")), send_));
  return holder;
}

/** Show commands while `/…` is typed, and people while `@…` is typed. */
function suggestWords(holder, box, inThread) {
  holder.querySelector(":scope > .popup")?.remove();
  const before = box.value.slice(0, box.selectionStart);
  const command = /^\/\S*$/.exec(box.value), mention = /(?:^|\s)@([^\s@]*)$/.exec(before);
  let items = [];
  if (command && !inThread) {
    items = state.world.app.commands.filter((one) => one.command.startsWith(box.value)).map((one) => ({ label: one.command, hint: one.usage_hint, about: one.description, take: () => { box.value = one.command + " "; }, done: one.command === box.value }));
  } else if (mention) {
    items = state.world.people.filter((one) => !one.deleted && (one.real_name.toLowerCase().includes(mention[1].toLowerCase()) || one.name.includes(mention[1]))).slice(0, 8)
      .map((one) => ({ label: one.real_name, about: one.title, take: () => { box.value = before.slice(0, before.length - mention[1].length) + one.real_name + " " + box.value.slice(before.length); } }));
  }
  if (!items.length) return;
  const take = (item) => { item.take(); holder.querySelector(":scope > .popup")?.remove(); box.focus(); box.dispatchEvent(new Event("input")); };
  const rows = items.map((item, n) => h("button", { class: n ? "item" : "item at", type: "button", onclick: () => take(item), "data-done": item.done ? "1" : null }, item.label, " ", item.hint || "", item.about && h("small", {}, item.about)));
  holder.append(h("div", { class: "popup" }, rows));
}

function drawComposer() { $("composer").replaceChildren(composer(null) || ""); }

function openThread(ts) {
  state.thread = ts;
  drawThread(true);
}

function drawThread(fresh = false) {
  const panel = $("thread");
  panel.hidden = !state.thread;
  if (!state.thread) return panel.replaceChildren();
  const shown = state.messages.filter((each) => each.ts === state.thread || each.thread_ts === state.thread);
  const scroll = h("div", { class: "scroll" }, shown.map((each) => message(each, true)));
  if (fresh || panel.dataset.ts !== state.thread || !panel.querySelector(".compose")) {
    panel.dataset.ts = state.thread;
    panel.replaceChildren(h("div", { class: "bar-head" }, t("thread"), h("button", { class: "x", "aria-label": t("close"), onclick: () => { state.thread = null; drawThread(); } }, "×")), scroll, composer(state.thread) || "");
  } else panel.querySelector(".scroll").replaceWith(scroll);
  scroll.scrollTop = scroll.scrollHeight;
}

// ---------------------------------------------------------------- modal

function drawView(force = false) {
  const view = state.view, overlay = $("overlay");
  if (!view) { overlay.hidden = true; overlay.replaceChildren(); state.shownView = ""; return; }
  const signature = `${view.id} ${view.hash} ${JSON.stringify(view.errors)} ${state.lang}`;
  if (!force && signature === state.shownView) return;
  const top = overlay.querySelector(".body")?.scrollTop || 0, same = state.shownView.startsWith(view.id);
  const focused = same ? document.activeElement?.closest?.("[data-block]")?.dataset.block : null;
  const known = new Set(Array.from(overlay.querySelectorAll("[data-block]"), (each) => each.dataset.block));
  const brought = same && view.blocks.find((each) => each.element?.focus_on_load && !known.has(each.block_id))?.block_id;
  state.shownView = signature;
  const where = { kind: "view", view, values: view.state.values, errors: view.errors, pending: [], refresh: () => loadView(true) };
  const close = (all) => tryTo(() => act("view/close", { all })).then(() => loadView());
  const submit = view.submit && h("button", { class: "btn primary", type: "button", id: "submit", onclick: () => submitView(where) }, plain(view.submit));
  const body = h("div", { class: "body" }, blocks(view.blocks, where));
  overlay.replaceChildren(h("div", { class: "modal", role: "dialog", "aria-modal": "true", "aria-label": plain(view.title) },
    h("header", {}, h("h2", {}, plain(view.title)), h("button", { class: "x", "aria-label": t("close"), onclick: () => close(true) }, "×")),
    body,
    h("footer", {}, view.errors[""] && h("span", { class: "form-error", role: "alert" }, view.errors[""]), h("button", { class: "btn", type: "button", onclick: () => close(false) }, plain(view.close) || (state.depth > 1 ? t("back") : submit ? t("cancel") : t("close"))), submit)));
  overlay.hidden = false;
  if (same) body.scrollTop = top;
  const first = brought || focused ? `[data-block="${CSS.escape(brought || focused)}"]` : ".bad";
  const bad = body.querySelector(`${first} input, ${first} textarea, ${first} select`);
  (bad || (same ? null : body.querySelector("input, textarea, select")))?.focus({ preventScroll: same && !bad });
  if (!focused || body.querySelector(".bad")) body.querySelector(".bad")?.scrollIntoView({ block: "center" });
}

async function submitView(where) {
  const button_ = $("submit");
  if (!button_ || button_.disabled) return;
  button_.disabled = true;
  button_.textContent = t("working");
  await flush(where);
  await tryTo(() => act("view/submit", { view: where.view.id }));
  await loadView(true);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && state.view && !document.querySelector(".dialog")) tryTo(() => act("view/close", {})).then(() => loadView());
});
document.addEventListener("click", (event) => {
  if (document.body.classList.contains("menu") && !event.target.closest("#side")) document.body.classList.remove("menu");
});

// ---------------------------------------------------------------- loading and live changes

async function loadWorld() {
  const world = await get("workspace");
  Object.assign(state, { world, clock: world.clock, clockAt: Date.now(), connections: world.connections });
  if (state.me) state.me = person(state.me.id) || state.me;
}
async function loadClock() {
  state.clock = await get("clock");
  state.clockAt = Date.now();
  drawClock();
  if (state.place !== "home") drawList();
}
async function loadMessages() {
  const place = state.place;
  if (!channel(place)) return;
  const found = await get(`channels/${place}/messages?as=${state.me.id}&tail=300`).catch(() => null);
  if (!found || state.place !== place) return;
  state.messages = found.messages;
  markSeen(place, found.messages);
  drawList();
  drawThread();
  drawSide();
}
async function loadHome() {
  const found = await get(`as/${state.me.id}/home`);
  state.home = found.view;
  if (state.place === "home") drawList();
}
async function loadView(force = false) {
  const found = await get(`as/${state.me.id}/view`);
  Object.assign(state, { view: found.view, depth: found.depth });
  drawView(force);
}

function markSeen(place, messages) {
  const last = messages.filter((each) => !each.ephemeral).at(-1);
  if (last) state.seen[`${state.me.id}/${place}`] = last.ts;
  localStorage.seen = JSON.stringify(state.seen);
  if (state.badges[state.me.id]) delete state.badges[state.me.id][place];
}

const due = new Map();
/** Do *work* soon, once, however often it is asked for in the meantime. */
function soon(name, work) {
  if (due.has(name)) return;
  due.set(name, setTimeout(async () => { due.delete(name); await work().catch((problem) => console.warn(problem)); }, 40));
}

function note(who, where) {
  state.badges[who] ??= {};
  state.badges[who][where] = (state.badges[who][where] || 0) + 1;
}

function heard(change) {
  const here = change.channel === state.place, mine = change.member === state.me.id;
  switch (change.kind) {
    case "message":
      for (const who of change.notified || []) if (!(here && who === state.me.id)) note(who, change.channel);
      if (channel(change.channel)) { if (change.new) channel(change.channel).latest = change.ts; } else soon("world", () => loadWorld().then(drawSide));
      if (here) soon("messages", loadMessages); else soon("side", async () => { drawSide(); drawHead(); });
      break;
    case "ephemeral":
      if (!(here && mine)) note(change.member, change.channel);
      if (here && mine) soon("messages", loadMessages); else soon("side", async () => drawSide());
      break;
    case "view": if (mine) soon("view", () => loadView()); break;
    case "home": if (mine && state.place === "home") soon("home", loadHome); break;
    case "clock": soon("clock", loadClock); break;
    case "connection": case "channel": case "person":
      soon("world", () => loadWorld().then(() => { drawSide(); drawHead(); drawClock(); if (change.kind === "channel") drawComposer(); }));
      break;
  }
}

function listen() {
  const stream = new EventSource("/control/stream");
  let broken = false;
  stream.onmessage = (event) => heard(JSON.parse(event.data));
  stream.onerror = () => { broken = true; };
  /* Also the first time: what changed before the stream was open is known to nobody. */
  stream.onopen = () => { if (broken) drawAll(); broken = false; loadView(); if (state.place === "home") loadHome(); else loadMessages(); };
}

function drawAll() {
  document.documentElement.lang = state.lang;
  drawClock(); drawSide(); drawHead(); drawComposer(); drawList(); drawThread(true); drawView();
}

async function start() {
  await loadWorld();
  const living = state.world.people.filter((each) => !each.is_bot && !each.deleted);
  const wanted = new URLSearchParams(location.search).get("as") || localStorage.me;
  const first = living.find((each) => [each.id, each.name, each.real_name].includes(wanted)) || living[0];
  document.documentElement.lang = state.lang;
  if (!first) return toast("The workspace has no people.", true);
  state.me = first;
  state.place = new URLSearchParams(location.search).get("place") || localStorage.place || null;
  await actAs(first.id);
  listen();
  setInterval(() => { if (state.clock.running) tickClock(); }, 500);
}
start();
