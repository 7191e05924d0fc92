// Holds an output against its inputs: every path, by the rule of its class.
#pragma once
#include "TBufferJSON.h"
#include "TEfficiency.h"
#include "TEntryList.h"
#include "TFileMergeInfo.h"
#include "THnBase.h"
#include "probe_hist.h"
#include "probe_ntuple.h"
#include "probe_tree.h"

namespace oracle {

/// All keys of a file by path; of one path ascending by cycle.
using KeyTable = std::map<std::string, std::vector<TKey *>>;

inline KeyTable keyTable(TFile *file)
{
   KeyTable table;
   walk(file, "", [&](TKey *key, const std::string &prefix) { table[prefix + key->GetName()].push_back(key); });
   for (auto &entry : table)
      std::stable_sort(entry.second.begin(), entry.second.end(), [](TKey *a, TKey *b) { return a->GetCycle() < b->GetCycle(); });
   return table;
}

struct Difference {
   std::string path, className, what;
   bool rootMerges;  // ROOT's class has a Merge() of its own
};

inline std::string json(const Difference &d)
{
   return "{\"path\":" + quote(d.path) + ",\"class\":" + quote(d.className) + ",\"rootMerges\":" + (d.rootMerges ? "true" : "false") +
          ",\"what\":" + quote(d.what) + "}";
}

inline bool rootMerges(const std::string &className)
{
   auto cls = TClass::GetClass(className.c_str());
   return cls && cls->GetMerge();
}

inline bool isTree(const char *className)
{
   auto cls = TClass::GetClass(className);
   return cls && cls->InheritsFrom(TTree::Class());
}

template <class F> std::set<std::string> prints(const std::vector<TKey *> &keys, F print)
{
   std::set<std::string> out;
   for (auto key : keys) out.insert(print(key));
   return out;
}

/// Objects that are kept, not merged: the same different ones as in the inputs; bytes first, ROOT's JSON when they were re-encoded.
inline std::vector<std::string> compareKept(const std::vector<TKey *> &found, const std::vector<TKey *> &wanted)
{
   if (prints(found, payloadHash) == prints(wanted, payloadHash)) return {};
   auto name = [](TKey *key) { return std::string(key->GetClassName()); };
   auto before = prints(wanted, name), after = prints(found, name);
   if (before != after) return {"class " + *before.begin() + " became " + *after.begin()};
   auto a = prints(wanted, objectJson), b = prints(found, objectJson);
   if (a.count("") && found.size() >= prints(wanted, payloadHash).size()) return {"re-encoded: other bytes, and no compiled class to compare the values with"};
   if (a == b) return {};
   return {Form("%zu different objects expected, found %zu, or their values differ", prints(wanted, payloadHash).size(),
                prints(found, payloadHash).size())};
}

/// Of several dimensions: the bins of all inputs by their coordinates. ROOT's Merge() is no judge: it wraps integers, and adds -1 to fTsumw2.
inline std::vector<std::string> compareDimensions(TKey *found, const std::vector<TKey *> &inputs)
{
   using Bins = std::map<std::vector<Int_t>, std::pair<double, double>>;
   auto add = [](Bins &bins, THnBase *h) {
      std::vector<Int_t> at(h->GetNdimensions());
      for (Long64_t i = 0; i < h->GetNbins(); ++i) {
         auto content = h->GetBinContent(i, at.data()), square = h->GetBinError2(i);
         if (content == 0 && square == 0) continue;
         auto &bin = bins[at];
         bin = {bin.first + content, bin.second + square};
      }
   };
   auto near = [](double a, double b) { return a == b || std::abs(a - b) <= 1e-6 * std::max(std::abs(a), std::abs(b)); };
   auto out = dynamic_cast<THnBase *>(found->ReadObj());
   if (!out) return {"ROOT cannot read the object"};
   Bins wanted, has;
   add(has, out);
   double entries = 0, sumw = 0, sumw2 = -1;
   std::vector<double> sumwx(out->GetNdimensions()), sumwx2(sumwx);
   std::string axes;
   for (auto key : inputs) {
      auto h = dynamic_cast<THnBase *>(key->ReadObj());
      if (!h) return {};  // ROOT cannot read the input: it is no judge here
      add(wanted, h);
      entries += h->GetEntries();
      sumw += h->GetSumw();
      if (h->GetCalculateErrors()) sumw2 = std::max(sumw2, 0.) + h->GetSumw2();
      for (size_t d = 0; d < sumwx.size(); ++d) sumwx[d] += h->GetSumwx(d), sumwx2[d] += h->GetSumwx2(d);
      if (axes.empty()) axes = TBufferJSON::ConvertToJSON(h->GetListOfAxes());
   }
   std::string name = found->GetClassName();
   auto is = [&](const char *a, const char *b) { return name.find(a) != std::string::npos || name.find(b) != std::string::npos; };
   double limit = is("<unsigned short>", "<UShort_t>") ? 65535 : is("<unsigned int>", "<UInt_t>") ? 4294967295. : is("<unsigned long>", "<ULong64_t>") ? 18446744073709551615. : is("<TArrayC>", "<char>") ? 127 : is("<TArrayS>", "<short>") ? 32767 : is("<TArrayI>", "<int>") ? 2147483647 : 1e300;
   std::vector<std::string> differences;
   for (auto &[at, bin] : wanted) {
      auto content = std::max(-limit - 1, std::min(limit, bin.first));
      if (!near(has[at].first, content)) differences.push_back(Form("a bin has %g instead of %g", has[at].first, content));
      if (sumw2 >= 0 && !near(has[at].second, bin.second)) differences.push_back(Form("a squared error is %g instead of %g", has[at].second, bin.second));
   }
   if (has.size() != wanted.size()) differences.push_back(Form("%zu bins instead of %zu", has.size(), wanted.size()));
   if (out->GetEntries() != entries || !near(out->GetSumw(), sumw) || !near(out->GetSumw2(), sumw2)) differences.push_back("other entries or sums of weights");
   for (size_t d = 0; d < sumwx.size(); ++d)
      if (!near(out->GetSumwx(d), sumwx[d]) || !near(out->GetSumwx2(d), sumwx2[d])) differences.push_back(Form("other sums along axis %zu", d));
   if (axes != TBufferJSON::ConvertToJSON(out->GetListOfAxes()).Data()) differences.push_back("other axes than the first");
   return differences;
}

inline bool isDimensions(const std::string &name)
{
   return name.rfind("THnT<", 0) == 0 || name.rfind("THnSparseT<", 0) == 0;
}

/// Entries of no tree are kept.
inline bool namesTree(TKey *key)
{
   auto list = dynamic_cast<TEntryList *>(key->ReadObj());
   return list && (list->GetLists() || *list->GetTreeName() || *list->GetFileName());
}

/// Classes beside histograms that add up.
inline bool isAdded(const std::string &name)
{
   return name == "TEfficiency" || name == "THStack" || name == "TGraph" || name == "TGraphErrors" || name == "TGraphAsymmErrors" ||
          name == "TGraphBentErrors" || name == "TGraphPolar" || name == "TH2Poly" || name == "TProfile2Poly" || name == "TStatistic" || name.rfind("TParameter<", 0) == 0 || isDimensions(name);
}

inline bool holdsAdded(TCollection *list)
{
   for (auto object : *list) {
      auto inner = dynamic_cast<TCollection *>(object);
      if (inner ? holdsAdded(inner) : isHistogram(object->ClassName()) || isAdded(object->ClassName())) return true;
   }
   return false;
}

/// True for objects that are one sum in the output: the class says so, and of lists an element.
inline bool isSum(TKey *key)
{
   std::string name = key->GetClassName();
   if (name == "TEntryList") return namesTree(key);
   if (name != "TList" && name != "TObjArray" && name != "THashList" && name != "TOrdCollection" && name != "TSortedList") return isAdded(name);
   auto list = dynamic_cast<TCollection *>(key->ReadObj());
   return list && holdsAdded(list);
}

/// ROOT combines the weights of whole efficiencies: equal ones become smaller; and graphs stay marked as sorted, whatever their points. That is left out.
inline std::string sumJson(TObject *object)
{
   if (auto efficiency = dynamic_cast<TEfficiency *>(object)) efficiency->SetWeight(1);
   if (auto graph = dynamic_cast<TGraph *>(object)) graph->ResetBit(TGraph::kIsSortedX);
   return std::string(TBufferJSON::ConvertToJSON(object).Data());
}

/// Of lists with other elements too, which ROOT keeps as often as they come, the sums only.
inline bool sameSums(TCollection *a, TCollection *b)
{
   if (!a || !b) return false;
   for (auto object : *a) {
      auto other = b->FindObject(object->GetName());
      auto inner = dynamic_cast<TCollection *>(object);
      if (inner ? !sameSums(inner, dynamic_cast<TCollection *>(other))
                : (isHistogram(object->ClassName()) || isAdded(object->ClassName())) && (!other || sumJson(object) != sumJson(other)))
         return false;
   }
   return true;
}

/// ROOT's own Merge() defines what such objects add up to. One input: a copy.
inline std::vector<std::string> compareAdded(TKey *found, const std::vector<TKey *> &inputs)
{
   auto sum = inputs.front()->ReadObj(), result = found->ReadObj();
   if (!sum) return {};  // ROOT cannot read the input: it is no judge here
   if (!result) return {"ROOT cannot read the object"};
   TList others;
   for (size_t i = 1; i < inputs.size(); ++i) others.Add(inputs[i]->ReadObj());
   if (inputs.size() > 1) {
      TFileMergeInfo info(gDirectory);
      auto merge = sum->IsA()->GetMerge();
      if (!merge) return {};
      merge(sum, &others, &info);
   }
   if (sumJson(sum) == sumJson(result) || sameSums(dynamic_cast<TCollection *>(sum), dynamic_cast<TCollection *>(result))) return {};
   return {"is not what ROOT's Merge() makes of the inputs"};
}

inline std::string commonKind(const std::vector<TKey *> &keys, bool rootTrees)
{
   auto all = [&](auto is) { return std::all_of(keys.begin(), keys.end(), is); };
   if (all([](TKey *k) { return isDirectory(k); })) return "directory";
   if (all([](TKey *k) { return isHistogram(k->GetClassName()); })) return "histogram";
   if (all([](TKey *k) { return isTree(k->GetClassName()); })) return rootTrees ? "tree" : "tree not read by ROOT";
   if (all([](TKey *k) { return isNtuple(k->GetClassName()); })) return "ntuple";
   if (all(isSum)) return "sum";
   return "kept";
}

/// Differences of one path: `inputs` holds, per input that has it, its keys ascending by cycle.
inline std::vector<std::string> comparePath(const std::vector<TKey *> &found, const std::vector<std::vector<TKey *>> &inputs, bool rootTrees)
{
   std::vector<TKey *> newest, all;
   for (auto &keys : inputs) { newest.push_back(keys.back()); all.insert(all.end(), keys.begin(), keys.end()); }
   if (found.empty()) return {"missing"};
   auto kind = commonKind(newest, rootTrees);
   if (commonKind({found.back()}, rootTrees) != kind) return {std::string("found a ") + found.back()->GetClassName()};
   if (kind == "histogram") return compareHistograms(found.back(), newest);
   if (kind == "tree") return compareTrees(found.back(), newest);
   if (kind == "ntuple") return compareNtuples(found.back(), newest);
   if (kind == "sum" && isDimensions(found.back()->GetClassName())) return compareDimensions(found.back(), newest);
   if (kind == "sum" && !(inputs.size() == 1 && all.size() > 1)) return compareAdded(found.back(), newest);
   if (kind == "kept" || kind == "sum") return compareKept(found, all);
   return {};
}

inline std::set<std::string> processIds(const KeyTable &table)
{
   std::set<std::string> out;
   for (auto &entry : table)
      for (auto key : entry.second)
         if (std::string(key->GetClassName()) == "TProcessID") out.insert(key->GetTitle());
   return out;
}

/// Streamer infos of the inputs that the output lacks, process ids likewise.
inline void compareWholes(TFile *out, const KeyTable &found, const std::vector<std::unique_ptr<TFile>> &inputs,
                          const std::vector<KeyTable> &tables, std::vector<std::string> &differences)
{
   auto has = streamerInfos(out);
   std::set<std::string> infos(has.begin(), has.end()), missing;
   for (auto &input : inputs)
      for (auto &info : streamerInfos(input.get()))
         if (!infos.count(info)) missing.insert(info);
   for (auto &info : missing) differences.push_back(json({"", "TStreamerInfo", "missing: " + info, false}));
   std::set<std::string> ids, foundIds = processIds(found);
   for (auto &table : tables)
      for (auto &id : processIds(table)) ids.insert(id);
   for (auto &id : ids)
      if (!foundIds.count(id)) differences.push_back(json({"", "TProcessID", "missing: " + id, false}));
   for (auto &id : foundIds)
      if (!ids.count(id)) differences.push_back(json({"", "TProcessID", "no input has " + id, false}));
}

inline std::string compareSum(const char *outPath, const std::vector<std::string> &inputPaths, bool rootTrees)
{
   std::unique_ptr<TFile> out(TFile::Open(outPath));
   if (!out || out->IsZombie()) return "[" + json({"", "TFile", "ROOT cannot open the output", false}) + "]";
   std::vector<std::unique_ptr<TFile>> files;
   std::vector<KeyTable> tables;
   std::map<std::string, std::vector<std::vector<TKey *>>> wanted;
   for (auto &path : inputPaths) {
      files.emplace_back(TFile::Open(path.c_str()));
      if (!files.back() || files.back()->IsZombie()) return "[" + json({"", "TFile", "ROOT cannot open the input " + path, false}) + "]";
      tables.push_back(keyTable(files.back().get()));
      for (auto &[path, keys] : tables.back()) wanted[path].push_back(keys);
   }
   auto found = keyTable(out.get());
   std::vector<std::string> differences;
   for (auto &[path, inputs] : wanted) {
      auto key = inputs.front().back();
      if (std::string(key->GetClassName()) == "TProcessID") continue;
      for (auto &what : comparePath(found[path], inputs, rootTrees))
         differences.push_back(json({path, key->GetClassName(), what, rootMerges(key->GetClassName())}));
   }
   for (auto &[path, keys] : found)
      if (!keys.empty() && !wanted.count(path) && std::string(keys[0]->GetClassName()) != "TProcessID")
         differences.push_back(json({path, keys[0]->GetClassName(), "no input has it", false}));
   compareWholes(out.get(), found, files, tables, differences);
   return list(differences);
}

/// JSON object path;cycle -> class and digest, for all keys.
inline std::string dump(const char *path)
{
   std::unique_ptr<TFile> file(TFile::Open(path));
   if (!file || file->IsZombie()) return "null";
   std::string out = "{";
   walk(file.get(), "", [&](TKey *key, const std::string &prefix) {
      auto kind = commonKind({key}, true);
      std::string digest = kind == "directory" ? "null" : kind == "histogram" ? histogramJson(key) : kind == "tree" ? treeJson(key)
                         : kind == "ntuple" ? ntupleJson(key) : "{\"bytes\":" + quote(payloadHash(key)) + ",\"json\":" + quote(objectJson(key)) + "}";
      out += (out.size() > 1 ? "," : "") + quote(prefix + key->GetName() + ";" + std::to_string(key->GetCycle())) + ":{\"class\":" +
             quote(key->GetClassName()) + ",\"title\":" + quote(key->GetTitle()) + ",\"digest\":" + digest + "}";
   });
   return out + "}";
}

} // namespace oracle
