import { expect, test } from "vitest";
import { parkStyles } from "./parked.ts";

test.each([
  ['<p style="font-weight:700">a</p>', '<p data-pasted-style="font-weight:700">a</p>'],
  ["<p STYLE='color:red'>a</p>", "<p data-pasted-style='color:red'>a</p>"],
  ['<b title="a > b" style = "x">a</b>', '<b title="a > b" data-pasted-style = "x">a</b>'],
  ['<p onclick="alert(1)" class="a">x</p>', '<p class="a">x</p>'],
  ["<p onclick=alert(1)>x</p>", "<p>x</p>"],
  ["<style type='text/css'>p { color: red }</style><p>x</p>", "<p>x</p>"],
  ['<base href="https://evil.example/"><meta charset=utf-8><p>x</p>', "<p>x</p>"],
  ["<p>my style = good, onward = yes</p>", "<p>my style = good, onward = yes</p>"],
])("%s violates nothing when parsed", (html, expected) => expect(parkStyles(html)).toBe(expected));
