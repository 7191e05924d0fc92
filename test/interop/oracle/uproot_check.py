"""Does uproot read the file: every key, every branch, every basket?"""


def branch_problems(where, tree):
    problems = []
    for name, branch in tree.iteritems(recursive=True):
        try:
            for number in range(branch.num_baskets):
                branch.basket(number)
        except Exception as error:
            problems.append(f"{where}:{name}: basket: {type(error).__name__}: {str(error).splitlines()[0]}")
    return problems


def uproot_check(path):
    """`keys` read, `problems`: what uproot could not read, one line each."""
    import uproot
    problems, keys = [], 0
    with uproot.open(path) as file:
        for where, class_name in file.iterclassnames(recursive=True, cycle=True):
            keys += 1
            if class_name.startswith("TDirectory"):
                continue
            try:
                found = file[where]
            except Exception as error:
                problems.append(f"{where} ({class_name}): {type(error).__name__}: {str(error).splitlines()[:1]}")
                continue
            if isinstance(found, uproot.TTree):
                problems += branch_problems(where, found)
    return {"keys": keys, "problems": problems}
