// Trees as ROOT reads them: every entry of every top-level branch, and what TTree keeps besides.
#pragma once
#include <algorithm>
#include <tuple>
#include "TBranchElement.h"
#include "TLeafC.h"
#include "TLeafElement.h"
#include "TTree.h"
#include "TTreeIndex.h"
#include "probe_base.h"

namespace oracle {

struct BranchReading {
   Long64_t entries = 0, bytes = 0, failures = 0;
   std::map<std::string, Hash> values;        // by leaf, of every entry, in the order read
   std::map<std::string, double> maxima;      // by leaf
   std::map<std::string, int> stringLengths;  // by TLeafC: the room for its longest string
};
using TreeReading = std::map<std::string, BranchReading>;

/// Entries of a branch: its own, or those of its longest descendant (a split parent may hold none).
inline Long64_t entriesOf(TBranch *branch)
{
   Long64_t most = branch->GetEntries();
   for (auto o : *branch->GetListOfBranches()) most = std::max(most, entriesOf(static_cast<TBranch *>(o)));
   return most;
}

/// The values of plain leaves (TLeafI … TLeafC); leaves of TBranchElement are judged by uproot and by the bytes read.
inline void addLeafValues(TBranch *branch, BranchReading &out)
{
   if (branch->InheritsFrom(TBranchElement::Class())) return;
   for (auto o : *branch->GetListOfLeaves()) {
      auto leaf = static_cast<TLeaf *>(o);
      if (leaf->IsA() == TLeafElement::Class() || leaf->InheritsFrom("TLeafObject") || !leaf->GetValuePointer()) continue;
      auto text = dynamic_cast<TLeafC *>(leaf);
      size_t size = text ? strlen(static_cast<char *>(leaf->GetValuePointer())) : size_t(leaf->GetLen()) * leaf->GetLenType();
      out.values[leaf->GetName()].add(leaf->GetValuePointer(), size);
   }
}

inline void noteLeaves(TBranch *branch, const std::string &prefix, BranchReading &out)
{
   for (auto o : *branch->GetListOfLeaves()) {
      auto leaf = static_cast<TLeaf *>(o);
      auto name = prefix + leaf->GetName();
      if (!leaf->InheritsFrom("TLeafObject")) out.maxima[name] = std::max(out.maxima[name], leaf->IsUnsigned() ? double((unsigned)leaf->GetMaximum()) : double(leaf->GetMaximum()));
      if (leaf->IsA() == TLeafC::Class()) out.stringLengths[name] = std::max(out.stringLengths[name], leaf->GetLen());
   }
   for (auto o : *branch->GetListOfBranches()) noteLeaves(static_cast<TBranch *>(o), prefix + o->GetName() + ".", out);
}

/// Reads all entries of all branches and adds them to `out`, so that reading several trees equals reading their concatenation.
inline void readTree(TTree *tree, TreeReading &out)
{
   std::map<std::string, int> seen;  // real trees hold two branches of one name
   for (auto o : *tree->GetListOfBranches()) {
      auto branch = static_cast<TBranch *>(o);
      std::string name = branch->GetName();
      int occurrence = ++seen[name];
      auto &reading = out[occurrence == 1 ? name : name + " (" + std::to_string(occurrence) + ")"];
      noteLeaves(branch, "", reading);
      Long64_t entries = entriesOf(branch);
      for (Long64_t i = 0; i < entries; ++i) {
         tree->LoadTree(i);
         auto bytes = branch->GetEntry(i);
         if (bytes < 0) ++reading.failures;
         else reading.bytes += bytes;
         addLeafValues(branch, reading);
      }
      reading.entries += entries;
   }
}

inline void compareBranch(const std::string &name, const BranchReading &wanted, const BranchReading &found, std::vector<std::string> &out)
{
   auto differ = [&](const char *what, Long64_t a, Long64_t b) {
      if (a != b) out.push_back(name + ": " + what + Form(": expected %lld, found %lld", a, b));
   };
   differ("entries", wanted.entries, found.entries);
   differ("entries ROOT cannot read", wanted.failures, found.failures);
   differ("bytes read by GetEntry", wanted.bytes, found.bytes);
   for (auto &[leaf, hash] : wanted.values)
      if (!found.values.count(leaf) || found.values.at(leaf).state != hash.state) out.push_back(name + ": values of leaf " + leaf);
   for (auto &[leaf, maximum] : wanted.maxima)
      if (found.maxima.count(leaf) && found.maxima.at(leaf) < maximum)
         out.push_back(name + Form(": maximum of leaf %s: expected %g, found %g", leaf.c_str(), maximum, found.maxima.at(leaf)));
   for (auto &[leaf, length] : wanted.stringLengths)
      if (found.stringLengths.count(leaf) && found.stringLengths.at(leaf) < length)
         out.push_back(name + Form(": string length of leaf %s: expected %d, found %d", leaf.c_str(), length, found.stringLengths.at(leaf)));
}

inline std::vector<std::string> compareReadings(const TreeReading &wanted, const TreeReading &found)
{
   std::vector<std::string> out;
   for (auto &[name, reading] : wanted) {
      auto at = found.find(name);
      if (at == found.end()) out.push_back(name + ": branch missing");
      else compareBranch(name, reading, at->second, out);
   }
   for (auto &[name, reading] : found)
      if (!wanted.count(name)) out.push_back(name + ": branch that no input has");
   return out;
}

using IndexRows = std::vector<std::tuple<Long64_t, Long64_t, Long64_t>>;

/// Rows (major, minor, entry + shift) of the tree's index; empty without one.
inline IndexRows indexRows(TTree *tree, Long64_t shift)
{
   IndexRows rows;
   auto index = dynamic_cast<TTreeIndex *>(tree->GetTreeIndex());
   for (Long64_t i = 0; index && i < index->GetN(); ++i)
      rows.emplace_back(index->GetIndexValues()[i], index->GetIndexValuesMinor()[i], index->GetIndex()[i] + shift);
   return rows;
}

inline std::string jsonOf(TObject *object) { return object ? std::string(TBufferJSON::ConvertToJSON(object).Data()) : ""; }

/// What a merged tree has from its first input (the first with branches, if any has): title, aliases, friends, user info, weight.
inline std::map<std::string, std::string> treeFrame(TTree *tree)
{
   return {{"title", tree->GetTitle()}, {"aliases", jsonOf(tree->GetListOfAliases())}, {"friends", jsonOf(tree->GetListOfFriends())},
           {"userInfo", tree->GetUserInfo() ? jsonOf(tree->GetUserInfo()) : ""}, {"weight", Form("%.17g", tree->GetWeight())},
           {"class", tree->ClassName()}};
}

/// First entries of all clusters, then the number of entries.
inline std::vector<Long64_t> clusters(TTree *tree)
{
   std::vector<Long64_t> out;
   auto iterator = tree->GetClusterIterator(0);
   Long64_t start;
   while ((start = iterator()) < tree->GetEntries()) {
      if (!out.empty() && start <= out.back()) break;
      out.push_back(start);
   }
   out.push_back(tree->GetEntries());
   return out;
}

inline TTree *treeOf(TKey *key) { return dynamic_cast<TTree *>(key->ReadObj()); }

/// Differences between the tree of `found` and the concatenation of those of `inputs`.
inline std::vector<std::string> compareTrees(TKey *found, const std::vector<TKey *> &inputs)
{
   TreeReading wanted, reading;
   IndexRows rows;
   Long64_t entries = 0;
   std::map<std::string, std::string> frame;
   bool indexed = true, empty = true;
   for (auto key : inputs) {
      auto tree = treeOf(key);
      if (!tree) return {};  // ROOT cannot read the input: it is no judge here
      if (frame.empty() || (empty && tree->GetNbranches() > 0)) {
         frame = treeFrame(tree);
         empty = tree->GetNbranches() == 0;
      }
      indexed = indexed && tree->GetTreeIndex();
      for (auto &row : indexRows(tree, entries)) rows.push_back(row);
      readTree(tree, wanted);
      entries += tree->GetEntries();
   }
   auto tree = treeOf(found);
   if (!tree) return {"ROOT cannot read the tree"};
   readTree(tree, reading);
   auto out = compareReadings(wanted, reading);
   if (tree->GetEntries() != entries) out.push_back(Form("entries of the tree: expected %lld, found %lld", entries, tree->GetEntries()));
   for (auto &[what, text] : treeFrame(tree))
      if (text != frame[what]) out.push_back(what + ": " + "expected " + frame[what].substr(0, 120) + ", found " + text.substr(0, 120));
   auto foundRows = indexRows(tree, 0);
   std::sort(rows.begin(), rows.end());
   std::sort(foundRows.begin(), foundRows.end());
   if (indexed && rows != foundRows) out.push_back(Form("tree index: expected %zu rows, found %zu, or other ones", rows.size(), foundRows.size()));
   auto starts = clusters(tree);
   for (size_t i = 1; i < starts.size(); ++i)
      if (starts[i] <= starts[i - 1] && tree->GetEntries() > 0) out.push_back("cluster starts do not ascend");
   return out;
}

/// JSON of a tree as ROOT reads it, for dumps and for the comparison of two files.
inline std::string treeJson(TKey *key)
{
   auto tree = treeOf(key);
   if (!tree) return "null";
   TreeReading reading;
   readTree(tree, reading);
   std::vector<std::string> branches, starts;
   for (auto &[name, r] : reading) {
      std::vector<std::string> leaves;
      for (auto &[leaf, hash] : r.values) leaves.push_back(quote(leaf + " " + hash.hex()));
      for (auto &[leaf, maximum] : r.maxima) leaves.push_back(quote(leaf + Form(" max %g", maximum)));
      for (auto &[leaf, length] : r.stringLengths) leaves.push_back(quote(leaf + Form(" len %d", length)));
      branches.push_back(quote(name) + Form(":{\"entries\":%lld,\"bytes\":%lld,\"failures\":%lld,\"leaves\":", r.entries, r.bytes, r.failures) + list(leaves) + "}");
   }
   for (auto start : clusters(tree)) starts.push_back(std::to_string(start));
   std::string frame, joined = list(branches);
   for (auto &[what, text] : treeFrame(tree)) frame += (frame.empty() ? "" : ",") + quote(what) + ":" + quote(text);
   return Form("{\"entries\":%lld,\"autoFlush\":%lld,\"indexRows\":%zu,\"clusters\":", tree->GetEntries(), tree->GetAutoFlush(), indexRows(tree, 0).size()) +
          list(starts) + ",\"frame\":{" + frame + "},\"branches\":{" + joined.substr(1, joined.size() - 2) + "}}";
}

} // namespace oracle
