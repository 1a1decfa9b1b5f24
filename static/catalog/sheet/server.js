// The sheet's own addresses on the server. Every answer is JSON; whatever else comes back is told apart here.

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || "The desk refused this.");
    this.status = status;
    this.problem = problem;
  }
}

export class Away extends Error {} // nobody answered, or a server in trouble did: worth another try

export class SignedOut extends Error {}

export class Server {
  constructor(sheet) {
    this.addresses = sheet.dataset;
    this.form = sheet.querySelector("[name=csrfmiddlewaretoken]");
  }

  /** The cookie's, because it changes when the person signs in again in another tab. */
  get token() {
    return /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? this.form?.value ?? "";
  }

  write(edits) {
    return this.post(this.addresses.writeUrl, edits);
  }

  read(cells, signal) {
    return this.post(this.addresses.readUrl, { cells }, signal);
  }

  openDraft(plan) {
    return this.post(this.addresses.openUrl, { plan });
  }

  columns(plans) {
    return this.post(this.addresses.columnsUrl, { plans });
  }

  order(was, plans) {
    return this.post(this.addresses.orderUrl, { was, plans });
  }

  async post(url, body, signal) {
    let response;
    try {
      response = await fetch(url, {
        method: "POST",
        credentials: "same-origin",
        redirect: "manual",
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.token, Accept: "application/json" },
        body: JSON.stringify(body),
        signal,
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Away();
    }
    if (response.type === "opaqueredirect" || response.status === 401) throw new SignedOut();
    if (response.status >= 500 || response.status === 429) throw new Away();
    const told = (response.headers.get("Content-Type") ?? "").includes("json");
    const answer = told ? await response.json() : {};
    if (!response.ok) throw new Refused(response.status, answer);
    return answer;
  }
}
