CREATE TABLE "push_seen" (
	"source_id" text NOT NULL,
	"digest" uuid NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "push_seen_source_id_digest_pk" PRIMARY KEY("source_id","digest")
);
--> statement-breakpoint
CREATE TABLE "push_session" (
	"source_id" text PRIMARY KEY NOT NULL,
	"epoch" integer NOT NULL,
	"seq" bigint NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"last_at" timestamp (3) with time zone,
	"agent" text NOT NULL,
	"taken_by" uuid,
	"taken_until" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "push_want" (
	"source_id" text NOT NULL,
	"kind" text NOT NULL,
	"namespace" text NOT NULL,
	"name" text NOT NULL,
	"asked_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "push_want_source_id_kind_namespace_name_pk" PRIMARY KEY("source_id","kind","namespace","name")
);
--> statement-breakpoint
ALTER TABLE "object" ADD COLUMN "print" uuid;--> statement-breakpoint
ALTER TABLE "reading" ADD COLUMN "print_digest" text;--> statement-breakpoint
CREATE INDEX "push_seen_by_age" ON "push_seen" USING btree ("seen_at");