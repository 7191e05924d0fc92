/** What the walker does not fully understand in the corpus. The lists must shrink. */

/** Objects with an opaque part, as `file path class`. They are copied as they are, or refused where they would have to move. */
export const OPAQUE: readonly string[] = [
  // The file describes TNamed, the member is called vector<Named_t>: a typedef that stands nowhere in the file.
  'roottest/root/meta/evolution/checksum_v5.root /obj;1 HasTypeDef',
  'roottest/root/meta/evolution/checksum_v53418.root /obj;1 HasTypeDef',
  // The same with a typedef inside a class.
  'roottest/root/meta/evolution/version5/nestedColl.root /obj;1 HepExp::Outer',
  // RooFit: classes with Streamer functions of their own.
  'roottest/root/roofitstats/data/test_workspace_01.root /combWS;1 RooWorkspace',
  'roottest/root/roofitstats/rf502_workspace_v5.34.root /w;1 RooWorkspace',
  'roottest/root/roofitstats/rf502_workspace_v6.04.root /w;1 RooWorkspace',
  'roottest/root/roofitstats/rf502_workspace_v6.14.root /w;1 RooWorkspace',
  'scikit-hep-testdata/uproot-issue-350.root /frame_obs_x_singlechannel_55ec53337000;1 RooPlot',
  // The file has no streamer info of the class.
  'scikit-hep-testdata/uproot-issue-418.root /geantBranch.0000000123.0000000322;1 StIOEvent',
  'scikit-hep-testdata/uproot-issue-418.root /bfcTree.0000002000;1 StIOEvent',
  'scikit-hep-testdata/uproot-issue-607.root /run;1 MGTRun',
];

/** Files that were never closed. */
export const NOT_OPENED: readonly string[] = ['roottest/root/dataframe/input2.root', 'roottest/root/io/recover/crashed.root'];
