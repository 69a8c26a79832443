import { describe, expect, it } from "vitest";
import { classOfKey, colourOf } from "./classes";
import { csv } from "./csv";
import { away, bytes, figure, place, story } from "./numbers";
import { itemSearch, times, toggled } from "./search";
import { diff, ofThem, pieces } from "./text";

describe("numbers", () => {
  it("shows what is undefined as a dash with its reason, never as 0", () => {
    expect(figure(null)).toBe("–");
    expect(story({ value: null, reason: "too few items" })).toBe("Undefined: too few items");
    expect(figure(0)).toBe("0.00");
  });
  it("tells the interval and what a measure rests on", () => {
    expect(story({ value: 0.5, low: 0.4, high: 0.6, n_items: 1200 })).toBe("0.500, 95 % interval 0.400 to 0.600, on 1,200 items");
  });
  it("keeps a mark on its line", () => {
    expect([place(-0.4), place(0.25), place(7)]).toEqual([0, 25, 100]);
  });
  it("speaks of time and size in units that fit", () => {
    const now = new Date("2026-01-01T00:00:00Z");
    expect(away("2026-01-01T00:30:00Z", now)).toBe("30 min");
    expect(away("2026-01-05T00:00:00Z", now)).toBe("4 days");
    expect([bytes(12), bytes(53_157)]).toEqual(["12 B", "53.2 kB"]);
  });
});

describe("marked text", () => {
  it("cuts by code points: an emoji before a span moves nothing", () => {
    const found = pieces("🙂 Ada met Bo", [{ start: 2, end: 5, labels: ["Person"] }]);
    expect(found.find((p) => p.labels.length)?.text).toBe("Ada");
    expect(found.map((p) => p.text).join("")).toBe("🙂 Ada met Bo");
  });
  it("shows overlapping spans and forgives ends beyond the text", () => {
    const found = pieces("abcdef", [
      { start: 0, end: 4, labels: ["A"] },
      { start: 2, end: 99, labels: ["B"] },
    ]);
    expect(found).toEqual([
      { text: "ab", labels: ["A"] },
      { text: "cd", labels: ["A", "B"] },
      { text: "ef", labels: ["B"] },
    ]);
  });
  it("finds what was added and taken away", () => {
    expect(diff("a\nb\nc", "a\nc\nd")).toEqual([
      { kind: "same", text: "a" },
      { kind: "del", text: "b" },
      { kind: "same", text: "c" },
      { kind: "add", text: "d" },
    ]);
  });
});

describe("classes", () => {
  it("keep their colour over all views, unknown ones too", () => {
    expect(colourOf("B", ["A", "B"])).toBe(1);
    expect(colourOf("new", [])).toBe(colourOf("new", []));
  });
  it("are chosen by the digits, the tenth by 0", () => {
    const ten = [..."abcdefghij"];
    expect([classOfKey("1", ten), classOfKey("0", ten), classOfKey("x", ten), classOfKey("9", ["a"])]).toEqual(["a", "j", undefined, undefined]);
  });
});

describe("addresses", () => {
  it("become a query that the API takes, whatever stands in them", () => {
    expect(itemSearch({ state: "open", label: ["A", "B"], sort: "; drop", descending: "true", round: "x", search: 7 })).toEqual({
      state: ["open"],
      label: ["A", "B"],
      descending: true,
      search: "7",
    });
  });
  it("name a period of the report as the API takes it", () => {
    expect(times("2026-11-02 to 2026-11-05")).toBe("2026-11-02..2026-11-05");
    expect(times("2026-11-02 10:00 to 10:30")).toBe("2026-11-02T10:00..2026-11-02T10:30");
    expect(times("all of it")).toBeUndefined();
    expect(itemSearch({ answered: "2026-11-02..2026-11-05" }).answered).toBe("2026-11-02..2026-11-05");
  });
  it("turn a facet on and off", () => {
    expect(toggled(undefined, "a")).toEqual(["a"]);
    expect(toggled(["a"], "a")).toBeUndefined();
  });
});

describe("tables as CSV", () => {
  it("quotes what must be quoted, leaves undefined empty, and never becomes a formula", () => {
    expect(csv(["a", "b"], [['say "hi", Bo', null], ["=1+1", 0.5]])).toBe('a,b\r\n"say ""hi"", Bo",\r\n\'=1+1,0.5\r\n');
  });
});

describe("what an annotator is told", () => {
  it("reads well for the lead, too", () => {
    expect(ofThem("none of your items is settled")).toBe("none of their items is settled");
    expect(ofThem("you have not met one; no item was given to you twice")).toBe("they have not met one; no item was given to them twice");
  });
});
