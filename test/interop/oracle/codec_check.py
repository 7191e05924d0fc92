"""Codec and arithmetic of real ROOT, for test/interop/codec-root.test.ts.

  python codec_check.py FOLDER

FOLDER/job.json:  {"unzip": [{"stored": NAME, "object": NAME, "bytes": N}],
                   "zip": [{"object": NAME, "stored": NAME, "setting": 505}],
                   "add": [["TH1I", 1, 2]]}
Reads and writes the named files in FOLDER, and FOLDER/reply.json: {"unzip": [N], "zip": [N], "add": [N]},
the sizes that came out (-1: ROOT could not) and the sums that TH1::Merge gives.
"""
import json
import os
import sys

import ROOT

ROOT.gErrorIgnoreLevel = ROOT.kFatal
ROOT.gInterpreter.Declare(r"""
#include "RZip.h"
#include <fstream>
#include <iterator>
#include <string>
#include <vector>
static std::vector<char> slurp(const std::string &name) {
  std::ifstream in(name, std::ios::binary);
  return std::vector<char>(std::istreambuf_iterator<char>(in), {});
}
static void spill(const std::string &name, const char *data, size_t n) {
  std::ofstream(name, std::ios::binary).write(data, n);
}
// The loop of TKey::ReadObj.
long unzip_file(const std::string &stored, const std::string &object, long bytes) {
  auto in = slurp(stored);
  std::vector<char> out(bytes);
  size_t at = 0;
  long done = 0;
  while (done < bytes && at + 9 <= in.size()) {
    int nin = 0, nbuf = 0, nout = 0;
    auto src = (unsigned char *)in.data() + at;
    if (R__unzip_header(&nin, src, &nbuf) != 0 || at + nin > in.size() || done + nbuf > bytes) return -1;
    R__unzip(&nin, src, &nbuf, (unsigned char *)out.data() + done, &nout);
    if (nout != nbuf) return -1;
    at += nin;
    done += nout;
  }
  spill(object, out.data(), done);
  return at == in.size() ? done : -1;
}
// The loop of TKey's constructor, for payloads that become smaller.
long zip_file(const std::string &object, const std::string &stored, int setting) {
  auto in = slurp(object);
  std::vector<char> out(in.size() + 1000);
  size_t size = 0;
  for (size_t done = 0; done < in.size(); done += 0xffffff) {
    int n = std::min<size_t>(0xffffff, in.size() - done), room = n, nout = 0;
    R__zipMultipleAlgorithm(setting % 100, &n, in.data() + done, &room, out.data() + size, &nout,
                            (ROOT::RCompressionSetting::EAlgorithm::EValues)(setting / 100));
    if (nout == 0) return -1;
    size += nout;
  }
  spill(stored, out.data(), size);
  return size;
}
template <class H, class V> long long merged(V a, V b) {
  H x("x", "", 1, 0, 1), y("y", "", 1, 0, 1);
  x.SetDirectory(nullptr);
  y.SetDirectory(nullptr);
  x.GetArray()[1] = a;
  y.GetArray()[1] = b;
  x.SetEntries(1);
  y.SetEntries(1);
  TList list;
  list.Add(&y);
  x.Merge(&list);
  return x.GetArray()[1];
}
long long merged_bins(const std::string &name, long long a, long long b) {
  if (name == "TH1C") return merged<TH1C, char>(a, b);
  if (name == "TH1S") return merged<TH1S, short>(a, b);
  if (name == "TH1I") return merged<TH1I, int>(a, b);
  return merged<TH1L, long long>(a, b);
}
""")


def main():
    os.chdir(sys.argv[1])
    with open("job.json", encoding="utf8") as file:
        job = json.load(file)
    reply = {
        "unzip": [ROOT.unzip_file(each["stored"], each["object"], each["bytes"]) for each in job["unzip"]],
        "zip": [ROOT.zip_file(each["object"], each["stored"], each["setting"]) for each in job["zip"]],
        "add": [ROOT.merged_bins(*each) for each in job["add"]],
    }
    with open("reply.json", "w", encoding="utf8") as file:
        json.dump(reply, file)


main()
