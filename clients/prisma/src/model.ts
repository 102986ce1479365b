// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

/** The part of a Prisma model the server has to know. */
export interface Model {
  readonly fields: readonly ModelField[];
  readonly dbName?: string | null;
  readonly schema?: string | null;
}

export interface ModelField {
  readonly name: string;
  /** `scalar`, `enum`, `object` (a relation), `unsupported`. */
  readonly kind: string;
  readonly type: string;
  readonly dbName?: string | null;
  readonly relationName?: string;
  /** Prisma Client leaves it out. */
  readonly isList?: boolean;
}

/** What an extension sees of the Prisma Client it is in. None of it is documented by Prisma. */
export interface Context {
  readonly $name?: string;
  readonly $parent: {
    readonly _clientVersion?: string;
    readonly _runtimeDataModel?: { readonly models: Readonly<Record<string, Model>> };
    readonly _requestHandler?: { unpack?(answer: object, path: readonly string[]): unknown };
  };
}

/** @throws TypeError */
export function modelOf({ $name, $parent }: Context): readonly [name: string, model: Model] {
  const model = $name === undefined ? undefined : $parent._runtimeDataModel?.models[$name];
  if ($name === undefined || !model) {
    throw new TypeError(
      'stream() and subscribe() are called on a model, like prisma.user.stream()',
    );
  }
  const fields = model.fields.map(({ name, kind, type, dbName, relationName, isList }) => ({
    name,
    kind,
    type,
    ...(dbName === undefined ? {} : { dbName }),
    ...(relationName === undefined ? {} : { relationName }),
    ...(isList === undefined ? {} : { isList }),
  }));
  return [$name, { fields, dbName: model.dbName ?? null, schema: model.schema ?? null }];
}
