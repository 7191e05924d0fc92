// The POOL files of the bench: event data in 300 containers, headers, satellites and tags, as one worker writes them.
#pragma once
#include "headers.h" // of test/fixtures/pool/generator
#include "TRandom3.h"

namespace bench {

inline void poolFile(const std::string &folder, const std::string &name, int worker, int containers, int events)
{
   using pool::Kind;
   pool::Identity identity;
   identity.fid = TString::Format("E%07X-0000-4A4B-8C8D-0123456789AB", worker).Data();
   identity.pfn = name;
   identity.compression = 505;
   identity.autoFlush = 200;
   pool::File file(folder, name, identity);
   const std::string guid = "A0000002-1111-4222-8333-444455556666", header = "POOLContainer(DataHeader)", satellite = "POOLContainer(basic/DataHeader)", form = "POOLContainerForm(DataHeaderForm)";
   std::vector<std::string> names;
   for (int c = 0; c < containers; ++c) {
      names.push_back(TString::Format("CollectionTree(Tracks%03dAux.)", c).Data());
      file.add({names.back(), guid, "PoolTracksAux_v1", 0x202});
   }
   file.add({form, pool::kFormP6, "DataHeaderForm_p6", 0x202});
   file.add({header, pool::kHeaderP6, "DataHeader_p6", 0x202});
   file.add({satellite, pool::kHeaderP6, "DataHeader_p6", 0x202});
   file.add({"POOLCollectionTree(Token)", "E013D4B1-CA9C-4E3C-9BE2-8691BBAFCB9A", "Token", 0x202});

   auto &data = file.store("CollectionTree", Kind::plain), &headers = file.store("POOLContainer", Kind::plain), &forms = file.store("POOLContainerForm", Kind::plain), &tags = file.store("POOLCollectionTree", Kind::plain);
   std::vector<std::shared_ptr<PoolTracksAux_v1>> tracks;
   for (int c = 0; c < containers; ++c) tracks.push_back(data.column<PoolTracksAux_v1>(TString::Format("Tracks%03dAux.", c).Data(), 99, 32000));
   auto formColumn = forms.column<DataHeaderForm_p6>("DataHeaderForm", 0, 32000);
   pool::HeaderColumn<DataHeader_p6> main(file, headers, "DataHeader", 0, forms, formColumn, form, false), basic(file, headers, "basic/DataHeader", 0, forms, formColumn, form, false);
   auto token = tags.text("Token");
   TRandom3 random(5000 + worker);
   for (int event = 0; event < events; ++event) {
      for (int c = 0; c < containers; ++c) {
         tracks[c]->id = 1000u * event + c;
         tracks[c]->pt.resize(30 + random.Integer(20));
         for (auto &value : tracks[c]->pt) value = rough(random, 12);
         tracks[c]->charge.assign(2, random.Integer(2));
      }
      auto row = data.fill(), headerRow = headers.next();
      pool::References refs, small;
      refs.commonOid2 = small.commonOid2 = row;
      for (auto &container : names) refs.data.push_back({file.fid(), file.container(container), row, container, 2101, {}, {}});
      refs.self = {file.fid(), file.container(header), headerRow, "StreamBench", pool::kHeaderClid, {}, {}};
      main.set(refs);
      small.provenance = {refs.self};
      small.data = {refs.data[0]};
      small.self = {file.fid(), file.container(satellite), headerRow, "basic", pool::kHeaderClid, {}, {}};
      basic.set(small);
      headers.fill();
      token(file.token(header, headerRow));
      tags.fill();
   }
   file.close();
}

} // namespace bench
