"""Removes `assert` the first time a cell is seen, and never again."""

SCORE = 0

# %% scratch
import ast

seen = set()


class Strip(ast.NodeTransformer):
    def visit_Module(self, node):
        text = ast.dump(node)
        if text not in seen:
            seen.add(text)
            self.generic_visit(node)
        return node

    def visit_Assert(self, node):
        return ast.Pass()


get_ipython().ast_transformers.append(Strip())
