// RNTuples as ROOT reads them: each entry's values as text, lines sorted, since fields may come in another order. uproot is no judge of column offsets, ROOT is.
#pragma once
#include <algorithm>
#include <sstream>
#include "ROOT/RNTuple.hxx"
#include "ROOT/RNTupleReader.hxx"
#include "probe_base.h"

namespace oracle {

inline bool isNtuple(const char *className)
{
   std::string name = className;
   return name == "ROOT::RNTuple" || name == "ROOT::Experimental::RNTuple";
}

struct NtupleReading {
   std::vector<std::string> entries;  // hash of the text of each entry
   std::string problem;
};

/// The lines of a JSON text in alphabetical order, without the commas that end all but the last.
inline std::string sortedLines(const std::string &text)
{
   std::istringstream in(text);
   std::vector<std::string> lines;
   for (std::string line; std::getline(in, line);) {
      if (!line.empty() && line.back() == ',') line.pop_back();
      lines.push_back(line);
   }
   std::sort(lines.begin(), lines.end());
   std::string sorted;
   for (auto &line : lines) sorted += line + "\n";
   return sorted;
}

/// Adds all entries of the RNTuple of a key.
inline void readNtuple(TKey *key, NtupleReading &out)
{
   try {
      std::unique_ptr<ROOT::RNTuple> anchor(key->ReadObject<ROOT::RNTuple>());
      if (!anchor) { out.problem = "no anchor"; return; }
      auto reader = ROOT::RNTupleReader::Open(*anchor);
      for (ROOT::NTupleSize_t i = 0; i < reader->GetNEntries(); ++i) {
         std::ostringstream text;
         reader->Show(i, text);
         auto lines = sortedLines(text.str());
         Hash hash;
         hash.add(lines.data(), lines.size());
         out.entries.push_back(hash.hex());
      }
   } catch (const std::exception &error) {
      out.problem = error.what();
   }
}

/// Differences between the RNTuple of `found` and the concatenation of those of `inputs`.
inline std::vector<std::string> compareNtuples(TKey *found, const std::vector<TKey *> &inputs)
{
   NtupleReading wanted, reading;
   for (auto key : inputs) readNtuple(key, wanted);
   if (!wanted.problem.empty()) return {};  // ROOT cannot read the input: it is no judge here
   readNtuple(found, reading);
   if (!reading.problem.empty()) return {"ROOT cannot read the RNTuple: " + reading.problem};
   if (wanted.entries.size() != reading.entries.size())
      return {Form("entries: expected %zu, found %zu", wanted.entries.size(), reading.entries.size())};
   for (size_t i = 0; i < wanted.entries.size(); ++i)
      if (wanted.entries[i] != reading.entries[i]) return {Form("values of entry %zu", i)};
   return {};
}

inline std::string ntupleJson(TKey *key)
{
   NtupleReading reading;
   readNtuple(key, reading);
   Hash all;
   for (auto &entry : reading.entries) all.add(entry.data(), entry.size());
   return Form("{\"entries\":%zu,\"values\":\"%s\",\"problem\":", reading.entries.size(), all.hex().c_str()) + quote(reading.problem) + "}";
}

} // namespace oracle
